"""Pages in a real browser: Debian's Chromium, headless, on a site that is built for it."""

from __future__ import annotations

import functools
import http.server
import shutil
import threading
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from site_on_disk import TOML, Site

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium: apt install chromium")

FLAGS = (  # for root, and for a machine without a network
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1200, "height": 900}
PHONE = {"width": 360, "height": 740}
PIXEL = (
    b"<svg xmlns='http://www.w3.org/2000/svg' width='640' height='360'>"
    b"<rect width='640' height='360' fill='#888'/></svg>"
)
TAXONOMY = "- name: AI\n  description: Machines that learn\n- name: Chips\n  parent: AI\n"

Open = Callable[..., Page]


class Served:
    """A site that is built and served, with what was asked of the server and not there."""

    def __init__(self, site: Site, server: http.server.ThreadingHTTPServer, base: str) -> None:
        self.site = site
        self.server = server
        self.base = base


class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing on stderr."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The site under the address that it is built for."""
    root: Path = tmp_path_factory.mktemp("browser") / "site"
    (root / "feeds").mkdir(parents=True)
    handler = functools.partial(Handler, directory=str(root / "feeds"))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{server.server_port}"
    site = Site(root, TOML.replace("https://feeds.example.org", base))
    (root / "topics.yaml").write_text(TAXONOMY, "utf-8")
    _records(site)
    site.build()
    site.build(include_unpublished=True)
    yield Served(site, server, base)
    server.shutdown()
    server.server_close()
    thread.join()


def _records(site: Site) -> None:
    picture = {"url": "https://img.example.org/a.png", "width": 640, "height": 360}
    site.record("one.md", topics=["Chips", "C++"], images=[picture | {"title": "A shelf"}])
    site.record("two.md", topics=["AI"], title="&lt;script>alert('no')&lt;/script> & more")
    site.record("three.md", topics=["C++"], title="مرحبا بالعالم", excerpt="نص قصير", locale="ar")
    site.record("mixed.md", topics=["C++"], title="ChatGPT يصل إلى المدارس!", locale="ar")
    long = "Microsoft.Extensions.DependencyInjection.ServiceCollectionServiceExtensions"
    site.record("long.md", topics=["AI"], title=long, excerpt=f"https://example.org/{'x' * 90}")
    site.record("four.md", topics=["Q&A"], body="No link, but content", webUrl=None)
    site.record("five.md", topics=["AI"], published="false")
    for number in range(30):
        site.record(f"many-{number}.md", topics=[f"Topic {number}"], images=[picture])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def open_page(browser: Browser, served: Served) -> Iterator[Open]:
    """Opens a page of the site; at the end nothing may have been said on any console."""
    contexts: list[BrowserContext] = []
    said: list[str] = []
    asked: list[str] = []

    def answer(route: Route) -> None:
        """The site answers for itself, and a pixel for each picture: there is nothing else."""
        if route.request.url.startswith(served.base):
            route.continue_()
            return
        asked.append(route.request.url)
        route.fulfill(content_type="image/svg+xml", body=PIXEL)

    def open_page(path: str = "/", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": DESKTOP} | options)
        contexts.append(context)
        context.route("**/*", answer)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        page.on("requestfailed", lambda request: said.append(f"failed: {request.url}"))
        page.goto(served.base + path, wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == []
    assert {url for url in asked if not url.startswith("https://img.example.org/")} == set()


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, each with the elements that it is about."""
    # Of WCAG 2.2; on its own it is off.
    options = {"rules": {"target-size": {"enabled": True}}}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]


@pytest.mark.parametrize("path", ["/", "/ai/", "/c-plus-plus/", "/q-and-a/"])
def test_axe_finds_nothing(open_page: Open, path: str) -> None:
    page = open_page(path)

    for viewport, scheme in product((DESKTOP, PHONE), ("light", "dark")):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        assert violations(page) == [], (viewport, scheme)
        # Nothing is cut off at the side, nor has to be scrolled to there.
        assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]


def test_dark_mode_is_dark(open_page: Open) -> None:
    def brightness(scheme: str) -> int:
        page = open_page(color_scheme=scheme)
        colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        return sum(int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))

    assert brightness("light") > 3 * 200
    assert brightness("dark") < 3 * 60


def test_a_topic_is_followed_and_left_again(open_page: Open, served: Served) -> None:
    page = open_page()

    page.locator("section.topics").get_by_role("link", name="Chips", exact=True).click()
    page.wait_for_url(served.base + "/chips/")
    assert page.get_by_role("heading", level=1).inner_text() == "Chips"
    page.get_by_role("article").get_by_role("link", name="C++").click()
    page.wait_for_url(served.base + "/c-plus-plus/")
    page.get_by_role("navigation").get_by_role("link", name="Test Site").click()
    page.wait_for_url(served.base + "/")


@pytest.mark.parametrize("path", ["/", "/ai/"])
def test_every_feed_that_is_announced_is_there(open_page: Open, path: str) -> None:
    page = open_page(path)

    links = "[...document.querySelectorAll('link[rel=alternate], .follow a, .topics .links a')]"
    hrefs = page.evaluate(f"{links}.map(link => link.href)")
    answers = {href: page.request.get(href).status for href in hrefs}
    assert len(answers) > 3
    assert set(answers.values()) == {200}


def test_an_address_is_copied(open_page: Open, served: Served) -> None:
    page = open_page("/ai/", permissions=["clipboard-read", "clipboard-write"])

    page.get_by_role("button", name="Copy (Atom)").click()
    page.get_by_role("status").filter(has_text="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == served.base + "/ai/atom.xml"


def test_where_the_clipboard_is_refused_the_address_is_selected(open_page: Open) -> None:
    page = open_page("/ai/")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject('refused') }")

    page.get_by_role("button", name="Copy (RSS)").click()
    page.get_by_role("status").filter(has_text="Selected").wait_for()
    selected = page.evaluate(
        "(e => e.value.slice(e.selectionStart, e.selectionEnd))(document.activeElement)"
    )
    assert selected.endswith("/ai/rss.xml")


def test_without_scripts_a_page_says_all_it_has_to_say(open_page: Open, served: Served) -> None:
    page = open_page("/ai/", java_script_enabled=False)

    assert page.get_by_role("button").count() == 0
    assert page.get_by_role("textbox").first.input_value() == served.base + "/ai/rss.xml"
    assert page.get_by_role("article").count() == 3
    assert page.locator("article time").first.inner_text() == "2024-05-01"


def test_dates_are_in_the_language_of_the_page(open_page: Open) -> None:
    page = open_page("/chips/", timezone_id="UTC")

    assert page.locator("article time").inner_text() == "May 1, 2024"


def test_the_keyboard_reaches_the_entries_first(open_page: Open) -> None:
    page = open_page("/ai/")

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the entries")
    assert skip.evaluate("link => link === document.activeElement")
    box = skip.bounding_box()
    assert box and box["width"] > 50
    page.keyboard.press("Enter")
    page.wait_for_url("**/ai/#entries")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('article') !== null")


def test_text_of_records_is_text(open_page: Open) -> None:
    page = open_page("/ai/")

    heading = page.get_by_role("heading", name="& more")
    assert heading.inner_text() == "<script>alert('no')</script> & more"


def test_right_to_left_entries_start_at_the_right(open_page: Open) -> None:
    page = open_page("/c-plus-plus/")

    entries = page.get_by_role("article")
    sides = {
        entry.get_attribute("lang"): entry.evaluate("e => getComputedStyle(e).direction")
        for entry in entries.all()
    }
    assert sides == {None: "ltr", "ar": "rtl"}


def test_all_topics_are_on_paper(open_page: Open) -> None:
    page = open_page(viewport={"width": 720, "height": 1000})
    page.emulate_media(media="print")

    cut = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => e.scrollHeight > e.clientHeight"
        " && getComputedStyle(e).overflowY === 'auto').length"
    )
    assert page.locator("section.topics > ul > li").count() > 30
    assert cut == 0


def test_pictures_keep_their_place_and_come_late(open_page: Open) -> None:
    page = open_page(viewport=PHONE)

    pictures = page.locator("article img")
    assert pictures.count() > 20
    sizes = pictures.evaluate_all("all => all.map(e => [e.width > 60, e.height > 30])")
    assert all(size == [True, True] for size in sizes)
    loaded = pictures.evaluate_all("all => all.filter(e => e.complete).length")
    assert loaded < pictures.count()


@pytest.mark.parametrize("path", ["/rss.xml", "/ai/rss.xml", "/atom.xml", "/ai/atom.xml"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_feed_that_is_opened_can_be_read(open_page: Open, path: str, scheme: str) -> None:
    page = open_page(path, color_scheme=scheme, viewport=PHONE)

    shown = page.evaluate(
        """[...document.querySelectorAll("*")]
        .filter(e => !e.children.length && e.getClientRects().length && e.textContent.trim())
        .map(e => [e.localName, e.textContent.trim()])"""
    )
    names = {name for name, _ in shown}
    assert names <= {
        *("title", "description", "link", "pubDate"),
        *("subtitle", "summary", "published"),
    }
    assert ["title", "<script>alert('no')</script> & more"] in shown
    assert "This is a feed" in page.evaluate(
        "getComputedStyle(document.documentElement, '::before').content"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_preview_warns_those_who_open_it(browser: Browser, served: Served) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.set_content((served.site.root / "preview/ai/index.html").read_text("utf-8"))

    warning = page.locator("header p.preview")
    assert warning.is_visible()
    assert page.locator("article .mark").inner_text() == "Unpublished"
    context.close()
