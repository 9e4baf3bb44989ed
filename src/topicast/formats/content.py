"""The content of an entry: its body as clean HTML, with the picture, embed and links around it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from topicast.entries.embeds import link_html, player_html, player_of
from topicast.entries.model import Entry
from topicast.formats.direction import direction
from topicast.formats.model import RenderSettings


def content_html(entry: Entry, summary: str, settings: RenderSettings) -> str:
    """The content of ``entry``; "" where it has a link and nothing of its body can be shown.

    An entry without a link must have content (RFC 4287, 4.1.2): if nothing of its body is safe,
    that is ``summary``, plain text. All but the body is only there where there is content.
    """
    if not entry.body and entry.link:
        return ""
    # nh3 is only loaded where there is content to clean.
    from topicast.entries.html import clean_html

    body = clean_html(entry.body, entry.body_kind, entry.base, settings.site_url, settings.embeds)
    if not body:
        if entry.link:
            return ""
        body = f"<p>{escape(summary, quote=False)}</p>"
    before = (*_picture(entry, body), *_embed(entry, body, settings.embeds))
    html = "\n".join((*before, body, *_related(entry)))
    if direction(entry.language or settings.language) == "rtl":
        return f'<div dir="rtl">{html}</div>'
    return html


def _picture(entry: Entry, body: str) -> Iterator[str]:
    """The first picture, where the body does not show it itself."""
    if not entry.images or escape(entry.images[0].url) in body:
        return
    image = entry.images[0]
    size = f' width="{image.width}" height="{image.height}"' if image.width and image.height else ""
    shown = f'<img src="{escape(image.url)}" alt="{escape(image.title)}"{size}>'
    credit = escape(image.attribution, quote=False)
    caption = f"<figcaption>{credit}</figcaption>" if credit else ""
    yield f"<figure>{shown}{caption}</figure>"


def _embed(entry: Entry, body: str, hosts: tuple[str, ...]) -> Iterator[str]:
    """The player of what is embedded, else a link to its page where that is not the entry's."""
    player = player_of(entry.embed, hosts)
    if player:
        if escape(player) not in body:
            yield f"<p>{player_html(player, entry.title)}</p>"
    elif entry.embed and entry.embed != entry.link and escape(entry.embed) not in body:
        yield f"<p>{link_html(entry.embed)}</p>"


def _related(entry: Entry) -> Iterator[str]:
    if entry.related:
        links = (f"<li>{link_html(one.url, one.title)}</li>" for one in entry.related)
        yield f"<hr>\n<ul>{''.join(links)}</ul>"
