"""HTTP to those who are told of a build: with time-outs, and what went wrong in a few words."""

from __future__ import annotations

from typing import NamedTuple

import httpx

import topicast

TIMEOUT = 10.0  # seconds that the other side may be silent
FAULTS = (httpx.HTTPError, httpx.InvalidURL, ValueError)  # ValueError: a host that is no name
_HEADERS = {"User-Agent": f"topicast/{topicast.__version__}"}


class Answer(NamedTuple):
    """What came of a request: ``fault`` is "" where it was taken; ``passes`` if it may pass."""

    fault: str = ""
    passes: bool = False


def client(timeout: float | None = None) -> httpx.Client:
    """A client that follows no redirects: who is told of a build is who is configured."""
    return httpx.Client(timeout=timeout or TIMEOUT, headers=_HEADERS, follow_redirects=False)


def post(
    client: httpx.Client, url: str, *, data: dict[str, str] | None = None, content: bytes = b""
) -> Answer:
    """Send a form, or ``content``, and see whether it was taken. Raises nothing."""
    body = {"data": data} if data is not None else {"content": content}
    try:
        # The body of the answer is not read: it says nothing, and might never end.
        with client.stream("POST", url, **body) as answer:
            status = answer.status_code
    except FAULTS as error:
        return Answer(f"does not answer ({type(error).__name__})", passes=True)
    if 200 <= status < 300:
        return Answer()
    return Answer(f"answers {status}", passes=status >= 500 or status == 429)
