"""Servers on the loopback interface: a WebSub hub, a subscriber, a host of feeds, a bad one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx


class Server:
    """Answers requests in threads. ``requests`` are those seen: method, path, body."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.requests.append((self.command, self.path, body))
                outer.send(self, *outer.answer(self.command, self.path, body))

            do_GET = do_POST = _serve  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        """What is answered: status, body, headers."""
        return 204, b"", {}

    def send(
        self, request: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str]
    ) -> None:
        """Send the answer to a request."""
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = threading.Thread(target=lambda: self._http.serve_forever(0.02))
        thread.start()
        try:
            yield
        finally:
            self._http.shutdown()
            self._http.server_close()
            thread.join()

    def forms(self) -> list[dict[str, str]]:
        """The forms that were posted."""
        return [
            {name: values[0] for name, values in parse_qs(body.decode()).items()}
            for method, _, body in self.requests
            if method == "POST"
        ]


class Host(Server):
    """Serves the files of a folder, as a host of static files does."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        file = self.folder / path.lstrip("/")
        return (200, file.read_bytes(), {}) if file.is_file() else (404, b"", {})


class Slow(Server):
    """One that may take without an end: ``over`` is set when the test ends."""

    def __init__(self) -> None:
        super().__init__()
        self.over = threading.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        with super().running():
            try:
                yield
            finally:
                self.over.set()


class Moody(Slow):
    """Answers with the next of ``moods``: a status, or "hang" to stay silent; then with 204."""

    def __init__(self, *moods: int | str) -> None:
        super().__init__()
        self.moods = list(moods)

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        mood = self.moods.pop(0) if self.moods else 204
        if mood == "hang":
            self.over.wait(30)
        return (mood if isinstance(mood, int) else 204), b"", {}


class Away(Server):
    """Sends everyone to another address."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        return 302, b"", {"Location": self.address}


class Dripping(Slow):
    """Sends ``beginning``, and then a byte now and then, without an end."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__()
        self.beginning = beginning

    def send(
        self, request: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str]
    ) -> None:
        with suppress(OSError):
            request.wfile.write(self.beginning)
            while not self.over.wait(0.05):
                request.wfile.write(b"a")


class Hub(Server):
    """A hub (W3C WebSub, sections 5 to 7): verifies subscribers, fetches feeds, delivers them."""

    def __init__(self) -> None:
        super().__init__()
        self.subscribers: dict[str, set[str]] = {}

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        if form.get("hub.mode") == "subscribe":
            return self._subscribe(form["hub.topic"], form["hub.callback"])
        if form.get("hub.mode") == "publish":
            return self._publish(form["hub.url"])
        return 400, b"hub.mode", {}

    def _subscribe(self, topic: str, callback: str) -> tuple[int, bytes, dict[str, str]]:
        intent = {
            "hub.mode": "subscribe",
            "hub.topic": topic,
            "hub.challenge": "s3same",
            "hub.lease_seconds": "600",
        }
        answer = httpx.get(f"{callback}?{urlencode(intent)}")
        if answer.status_code != 200 or answer.text != "s3same":
            return 403, b"", {}
        self.subscribers.setdefault(topic, set()).add(callback)
        return 202, b"", {}

    def _publish(self, topic: str) -> tuple[int, bytes, dict[str, str]]:
        feed = httpx.get(topic)
        if feed.status_code != 200:
            return 404, b"", {}
        links = f'<{self.url}>; rel="hub", <{topic}>; rel="self"'
        for callback in self.subscribers.get(topic, ()):
            httpx.post(callback, content=feed.content, headers={"Link": links})
        return 202, b"", {}


class Subscriber(Server):
    """Confirms the subscriptions that it has asked for, and keeps what is delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: set[str] = set()

    def subscribe(self, hub: str, topic: str) -> int:
        self.wanted.add(topic)
        form = {"hub.mode": "subscribe", "hub.topic": topic, "hub.callback": f"{self.url}/inbox"}
        return httpx.post(hub, data=form).status_code

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, bytes, dict[str, str]]:
        if method == "POST":
            return 200, b"", {}
        query = parse_qs(urlsplit(path).query)
        if query["hub.topic"][0] not in self.wanted:
            return 404, b"", {}
        return 200, query["hub.challenge"][0].encode(), {}

    def delivered(self) -> list[bytes]:
        return [body for method, _, body in self.requests if method == "POST"]
