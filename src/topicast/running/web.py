"""HTTP to those who are told of a build: with time-outs, and what went wrong in a few words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple, Self

import httpx

import topicast

TIMEOUT = 10.0  # seconds that the other side has
# ValueError: a host that is no name. OSError: a time-out of a whole exchange is one. The last two
# come of a redirect to a port that is none.
FAULTS = (
    *(httpx.HTTPError, httpx.InvalidURL, ValueError, OSError),
    *(OverflowError, ExceptionGroup),
)
_HEADERS = {"User-Agent": f"topicast/{topicast.__version__}"}


class Answer(NamedTuple):
    """What came of a request: ``fault`` is "" where it was taken; ``passes`` if it may pass."""

    fault: str = ""
    passes: bool = False


class Web:
    """A client with a time-out for each exchange as a whole.

    httpx's own are for each read and write, so that one who sends a byte now and then would be
    waited for without an end. That is why it is used through asyncio. (The system looks up a name
    for as long as it takes.)
    """

    def __init__(self, timeout: float | None = None) -> None:
        self._timeout = timeout or TIMEOUT
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(timeout=self._timeout, headers=_HEADERS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._runner:
            self._runner.run(self._client.aclose())

    def post(self, url: str, *, data: dict[str, str] | None = None, content: bytes = b"") -> Answer:
        """Send a form, or ``content``, and see whether it was taken. Raises nothing.

        No redirect is followed: who is told of a build is who is configured.
        """
        body = {"data": data} if data is not None else {"content": content}

        async def posted() -> int:
            async with asyncio.timeout(self._timeout):
                # The body of the answer is not read: it says nothing, and might never end.
                async with self._client.stream("POST", url, **body) as answer:
                    return answer.status_code

        try:
            status = self._runner.run(posted())
        except FAULTS as error:
            return Answer(f"does not answer ({type(error).__name__})", passes=True)
        if 200 <= status < 300:
            return Answer()
        return Answer(f"answers {status}", passes=status >= 500 or status == 429)

    def fetch(self, url: str, seconds: float, take: Callable[[bytes], object]) -> None:
        """``take`` what is public at ``url`` now, part by part, in ``seconds`` at most.

        Raises: one of FAULTS.
        """

        async def fetched() -> None:
            fresh = {"Cache-Control": "no-cache"}  # ask caches on the way to look again
            async with asyncio.timeout(seconds):
                async with self._client.stream(
                    "GET", url, headers=fresh, follow_redirects=True
                ) as answer:
                    async for part in answer.aiter_bytes():
                        take(part)

        self._runner.run(fetched())
