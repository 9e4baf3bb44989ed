"""HTML written anew: allowed tags only, balanced, never deeply nested, with absolute addresses.

Without this, a hostile megabyte (nested or unclosed tags) keeps an HTML5 parser busy for minutes.
It is no safeguard: nh3 is, with the same allow-list.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from topicast.entries.embeds import HEIGHT, WIDTH, link_html, page_of, player_html, player_of
from topicast.entries.markup import attributes_of, names, scan
from topicast.entries.text import BLOCKS, decode, xml_safe
from topicast.entries.urls import absolute

MAX_DEPTH = 100  # tags deeper than that go, their text stays

# Gone with all that they hold. (A page's head holds nothing else but void elements.)
DROPPED = names(
    "applet button frameset iframe math noembed noframes object script select style svg template "
    "textarea title xmp"
)
_VOID = names("br hr img source wbr")
_SPAN = {"colspan", "rowspan"}
ALLOWED: dict[str, set[str]] = {
    name: set()
    for name in names(
        "abbr address article aside b bdi bdo big blockquote br caption center cite code dd del "
        "dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i ins kbd main mark "
        "nav p pre q rp rt ruby s samp section small span strike strong sub summary sup table "
        "tbody tfoot thead tr tt u ul var wbr"
    )
} | {
    "*": {"dir", "lang", "title"},
    "a": {"href", "hreflang"},
    "audio": {"controls", "src"},
    "details": {"open"},
    "img": {"alt", "height", "src", "width"},
    "li": {"value"},
    "ol": {"reversed", "start", "type"},
    "source": {"src", "type"},
    "td": _SPAN,
    "th": _SPAN | {"scope"},
    "time": {"datetime"},
    "video": {"controls", "height", "poster", "src", "width"},
}
ADDRESSES = frozenset({"href", "poster", "src"})

# Start tags that end an element which is still open, looked for up to the given border.
_CELLS = frozenset({"td", "th", "caption"})
_BORDERS = _CELLS | {"table"}
_ENDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "a": (frozenset({"a"}), _BORDERS),
    "dd": (frozenset({"dd", "dt"}), _BORDERS | {"dl"}),
    "dt": (frozenset({"dd", "dt"}), _BORDERS | {"dl"}),
    "li": (frozenset({"li"}), _BORDERS | {"ol", "ul"}),
    "td": (_CELLS, frozenset({"table"})),
    "th": (_CELLS, frozenset({"table"})),
    "tr": (frozenset({"tr", "caption"}), frozenset({"table"})),
    **{
        name: (frozenset({"tbody", "thead", "tfoot", "caption"}), frozenset({"table"}))
        for name in ("tbody", "thead", "tfoot", "caption")
    },
}
_IN_TABLE = frozenset({"table", "tbody", "thead", "tfoot", "tr"})
_TABLE_PARTS = frozenset({"tbody", "thead", "tfoot", "tr"}) | _CELLS

# A table's end tags reach through cells, as far as their own table; others stay in their cell.
_BORDERS_OF_END_TAG: dict[str, frozenset[str]] = {
    "table": frozenset(),
    **dict.fromkeys(_TABLE_PARTS, frozenset({"table"})),
}
# Stands for "&" on the way through nh3, whose time is quadratic in the "&" of one text. No text
# that is rebuilt can hold it.
AMPERSAND = "\x01"


# What shows another page inside of this one.
EMBEDS = frozenset({"!iframe", "!object", "embed"})
_HIDDEN = re.compile(r"(?:^|;)\s*display\s*:\s*none\b", re.I)
_PIXELS = re.compile(r"[1-9][0-9]{0,3}")


class Rebuilder:
    """Writes HTML anew: allowed tags only, each closed, in an order that no parser rearranges."""

    def __init__(self, base: str, site_url: str, embeds: Collection[str] = ()) -> None:
        """``embeds`` are the hosts of which a player may stay; other embeds become links."""
        self.base = base
        self.site_url = site_url
        self.embeds = embeds
        self.out: list[str] = []
        self.open: list[str] = []

    def rebuild(self, source: str) -> str:
        for text, name, attributes in scan(source, DROPPED):
            self.out.append(_escaped(text))
            if name == "base":
                self._rebase(attributes)
            elif name.startswith("/"):
                closed = name[1:]
                self._end(frozenset({closed}), _BORDERS_OF_END_TAG.get(closed, _BORDERS))
            elif name in ALLOWED:
                self._start(name, attributes)
            elif name in EMBEDS:
                self._embed(attributes_of(attributes))
        self._pop(0)
        return "".join(self.out)

    def _rebase(self, attributes: str) -> None:
        """``<base href>``: what relative addresses after it are resolved on."""
        href = attributes_of(attributes).get("href", "")
        self.base = absolute(href, self.base, self.site_url) or self.base

    def _start(self, name: str, attributes: str) -> None:
        kept = self._attributes(name, attributes)
        if kept is None:
            return
        if name in _VOID:
            self.out.append(f"<{name}{kept}>")
            return
        if name in BLOCKS:
            self._end(frozenset({"p"}), _BORDERS)
        if name in _ENDS:
            self._end(*_ENDS[name])
        in_table = bool(self.open) and self.open[-1] in _IN_TABLE
        if len(self.open) < MAX_DEPTH and in_table == (name in _TABLE_PARTS):
            self.open.append(name)
            self.out.append(f"<{name}{kept}>")

    def _embed(self, given: dict[str, str]) -> None:
        """A player where its host may have one, else a link to the page that it shows."""
        address = absolute(given.get("src") or given.get("data", ""), self.base, self.site_url)
        if address is None or is_pixel(given):
            return
        title = xml_safe(given.get("title", "")).strip()
        player = player_of(address, self.embeds)
        if player:
            width, height = (_pixels(given.get(side, "")) for side in ("width", "height"))
            shown = player_html(player, title, width or WIDTH, height or HEIGHT)
        else:
            self._end(frozenset({"a"}), _BORDERS)
            shown = link_html(page_of(address), title)
        self.out.append(shown.replace("&amp;", AMPERSAND))

    def _end(self, names: frozenset[str], borders: frozenset[str]) -> None:
        """Close the innermost element of ``names``, and what is open in it, within the borders."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place] in names:
                self._pop(place)
                return
            if self.open[place] in borders:
                return

    def _pop(self, place: int) -> None:
        self.out.extend(f"</{name}>" for name in reversed(self.open[place:]))
        del self.open[place:]

    def _attributes(self, name: str, written: str) -> str | None:
        """The attributes to keep, as written in a tag; None where the tag is to go."""
        given = attributes_of(written) if written else {}
        if name == "img" and is_pixel(given):
            return None
        allowed = ALLOWED[name] | ALLOWED["*"]
        kept = {key: value for key, value in given.items() if key in allowed}
        for key in ADDRESSES & kept.keys():
            address = absolute(kept[key], self.base, self.site_url)
            if address is None:
                del kept[key]
            else:
                kept[key] = address
        if (name in ("img", "source") and "src" not in kept) or (
            name == "a" and "href" not in kept
        ):
            return None
        return "".join(f' {key}="{_escaped_value(value)}"' for key, value in kept.items())


def _escaped(text: str) -> str:
    """Text with references, which are decoded here so that nh3 sees none but ``&lt;``."""
    if "&" in text:
        text = xml_safe(decode(text)).replace("&", AMPERSAND)
    return text.replace("<", "&lt;")


def _escaped_value(value: str) -> str:
    return xml_safe(value).replace("&", AMPERSAND).replace('"', "&quot;").replace("<", "&lt;")


def is_pixel(given: dict[str, str]) -> bool:
    """Whether an image or frame is hidden, or one pixel wide and high: it is to count readers."""
    style = given.get("style", "")
    if _HIDDEN.search(style):
        return True
    return all(_is_tiny(given.get(side, ""), style, side) for side in ("width", "height"))


def _pixels(written: str) -> int:
    """A width or height; 0 where it is given in another way."""
    return int(written) if _PIXELS.fullmatch(written) else 0


def _is_tiny(attribute: str, style: str, side: str) -> bool:
    in_style = re.search(rf"(?:^|;)\s*{side}\s*:([^;!]*)", style, re.I)
    size = re.fullmatch(
        r"([0-9]*\.?[0-9]+)(?:px)?", (in_style[1] if in_style else attribute).strip()
    )
    return size is not None and float(size[1]) <= 1
