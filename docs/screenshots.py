"""Takes the pictures in ``docs/images`` again: ``python docs/screenshots.py``, with Chromium there.

They are of the example archive. Its pictures are nowhere to be had, so each is drawn here instead.
"""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
import zlib
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Route, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
PICTURE = """
<svg xmlns="http://www.w3.org/2000/svg" width="640" height="360">
<rect width="640" height="360" fill="hsl({hue},40%,60%)"/>
<circle cx="450" cy="120" r="60" fill="hsl({hue},60%,85%)"/>
<path d="M0 360 200 170 330 290 450 200 640 360Z" fill="hsl({hue},45%,30%)"/>
</svg>
"""


class Shot(NamedTuple):
    name: str
    path: str
    width: int
    height: int
    scheme: str


SHOTS = (
    Shot("top", "", 1160, 900, "light"),
    Shot("topic", "ai/", 390, 800, "dark"),
    Shot("feed", "ai/rss.xml", 600, 800, "light"),
)


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def draw(route: Route) -> None:
    hue = zlib.crc32(route.request.url.encode()) % 360
    route.fulfill(content_type="image/svg+xml", body=PICTURE.format(hue=hue))


def main() -> None:
    handler = functools.partial(Handler, directory=str(ROOT / "feeds"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}/"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        for shot in SHOTS:
            context = browser.new_context(
                viewport={"width": shot.width, "height": shot.height},
                color_scheme=shot.scheme,
                timezone_id="UTC",
            )
            context.route(lambda url: not url.startswith(base), draw)
            page = context.new_page()
            page.goto(base + shot.path, wait_until="networkidle")
            page.screenshot(path=IMAGES / f"{shot.name}.png")
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    main()
