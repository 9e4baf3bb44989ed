"""Embeds: the page that one shows, and the player that content may hold in its place.

A player is another site's page inside of ours. Only hosts that the publisher allows get one, and
YouTube and Vimeo in the form that sets no cookies.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection
from urllib.parse import SplitResult, parse_qs, urlsplit

from topicast.entries.markup import attributes_of, scan

WIDTH, HEIGHT = 560, 315  # pixels, of a player that names no size
PLAYER_ATTRIBUTES = {"allowfullscreen", "height", "src", "title", "width"}

_EMBEDS = frozenset({"iframe", "embed", "video", "audio", "source"})
_YOUTUBE = re.compile(r"(?:www\.|m\.)?youtube(?:-nocookie)?\.com")
_YOUTUBE_HOSTS = ("www.youtube.com", "www.youtube-nocookie.com")
_YOUTUBE_VIDEO = re.compile(r"/(?:embed|v|shorts|live)/([A-Za-z0-9_-]{6,20})/?")
_YOUTUBE_ID = re.compile(r"[A-Za-z0-9_-]{6,20}")
_LIST_ID = re.compile(r"[A-Za-z0-9_-]{2,60}")
_VIMEO_VIDEO = re.compile(r"(?:/video)?/([0-9]+)(?:/([0-9a-f]+))?/?")


def page_of_embed(embed: str) -> str:
    """The address of the page that ``featuredContent`` shows, as written; "" where there is none.

    It is an embed (``<iframe src>``), a link, or an address alone. Players of YouTube and Vimeo
    give the page of the video.
    """
    return page_of(_embedded(embed).strip())


def page_of(address: str) -> str:
    """The page of the video where ``address`` is a player of YouTube or Vimeo, else ``address``."""
    parts = _split(address)
    host = parts.hostname or ""
    if _YOUTUBE.fullmatch(host) and parts.path != "/watch":
        kind, id = _on_youtube(parts)
        return f"https://www.youtube.com/{kind}{id}" if id else address
    if host == "player.vimeo.com" and (video := _VIMEO_VIDEO.fullmatch(parts.path)):
        return f"https://vimeo.com/{video[1]}"
    return address


def player_of(address: str, hosts: Collection[str]) -> str:
    """The address of the player for a page or a player; "" where its host is none of ``hosts``.

    A host stands for those below it too: ``vimeo.com`` for ``player.vimeo.com``.
    """
    parts = _split(address)
    host = parts.hostname or ""
    if host == "youtu.be" or _YOUTUBE.fullmatch(host):
        kind, id = _on_youtube(parts)
        if not id or not any(_allowed(one, hosts) for one in _YOUTUBE_HOSTS):
            return ""
        path = id if kind == "watch?v=" else f"videoseries?list={id}"
        return f"https://www.youtube-nocookie.com/embed/{path}"
    if not _allowed(host, hosts):
        return ""
    if host in ("vimeo.com", "www.vimeo.com", "player.vimeo.com"):
        video = _VIMEO_VIDEO.fullmatch(parts.path)
        unlisted = (video and video[2]) or _value(parts, "h", re.compile("[0-9a-f]+"))
        secret = f"h={unlisted}&" if unlisted else ""
        return f"https://player.vimeo.com/video/{video[1]}?{secret}dnt=1" if video else ""
    return address


def player_html(player: str, title: str = "", width: int = WIDTH, height: int = HEIGHT) -> str:
    """The player as HTML."""
    named = f' title="{html.escape(title)}"' if title else ""
    return (
        f'<iframe src="{html.escape(player)}" width="{width}" height="{height}"{named}'
        ' allowfullscreen=""></iframe>'
    )


def link_html(page: str, title: str = "") -> str:
    """What stands in the place of a player that may not be shown."""
    return f'<a href="{html.escape(page)}">{html.escape(title or page)}</a>'


def _allowed(host: str, hosts: Collection[str]) -> bool:
    return any(host == one or host.endswith("." + one) for one in hosts)


def _on_youtube(parts: SplitResult) -> tuple[str, str]:
    """What a page of YouTube shows: ``watch?v=`` or ``playlist?list=``, and its id or ""."""
    path = parts.path.rstrip("/")
    if parts.hostname == "youtu.be":
        id = path[1:]
        return "watch?v=", id if _YOUTUBE_ID.fullmatch(id) else ""
    if path in ("/embed/videoseries", "/playlist"):
        return "playlist?list=", _value(parts, "list", _LIST_ID)
    if path == "/watch":
        return "watch?v=", _value(parts, "v", _YOUTUBE_ID)
    video = _YOUTUBE_VIDEO.fullmatch(path)
    return "watch?v=", video[1] if video else ""


def _value(parts: SplitResult, name: str, form: re.Pattern[str]) -> str:
    """A value of the query, "" where it is not of that form."""
    value = parse_qs(parts.query).get(name, [""])[0]
    return value if form.fullmatch(value) else ""


def _split(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.hostname  # raises for a broken IPv6 host
        return parts
    except ValueError:
        return urlsplit("")


def _embedded(embed: str) -> str:
    if "<" not in embed:
        return embed
    link = ""
    for _, name, written in scan(embed, frozenset({"script", "style"})):
        if name in _EMBEDS and (source := attributes_of(written).get("src")):
            return source
        if name == "a" and not link:
            link = attributes_of(written).get("href", "")
    return link
