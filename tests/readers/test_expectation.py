"""What readers are held to is what the records say, not only what Topicast made of them."""

from __future__ import annotations

from typing import Any

from shown import Tree, content, expected, moment

from second_reading import RECORDS, read_folder

# Read in hostile/ by eye. What a row does not say the record does not have.
WITHOUT: dict[str, Any] = {
    **dict.fromkeys(("link", "picture", "caption"), ""),
    **dict.fromkeys(("authors", "enclosures", "related"), ()),
    "content": None,
    "language": "en",
    "unpublished": False,
}
HOSTILE: list[dict[str, Any]] = [
    {
        "id": "tag:example.org,2025:not-for-everyone",
        "title": "Not for everyone",
        "link": "https://www.example.com/not-yet",
        "published": moment("2025-03-05T09:00:00Z"),
        "updated": moment("2025-03-05T09:00:00Z"),
        "categories": ("C", "unpublished"),
        "summary": "مرحبا",
        "content": content("<p>مرحبا</p>"),
        "language": "ar",
        "unpublished": True,
    },
    {
        "id": "tag:example.org,2025:quotes",
        "title": 'It\'s "quoted" \\ & bold <i> %20 &lt; 👩‍💻',
        "link": "https://www.example.com/it's?a=1&b='2'&c=(3)#d'e",
        "published": moment("2025-03-03T09:00:00Z"),
        "updated": moment("2025-03-04T03:30:00Z"),
        "authors": ('Zoë "Z" O\'Neil', "二 郎"),
        "categories": ('It\'s "C"', "Programming"),
        "summary": "Back\\slash\\n, 'single', tag, a & b, 1 < 2, ]]> and",
        "content": content(
            '<img src="https://img.example.com/it\'s.jpg?w=1&amp;h=2">'
            'A body with code & a <a href="https://www.example.org/magazine/x?a=1&amp;b=2">link</a>,'
            ' it\'s "here" \\ ]]&gt; there. <img src="https://img.example.com/in.png">'
            ' <a href="https://www.example.com/r?a=1&amp;b=2">R\'s &amp; one</a>'
            '<a href="https://www.example.com/s">Another</a>'
        ),
        "picture": "https://img.example.com/it's.jpg?w=1&h=2",
        "caption": "It's picture",
        "enclosures": (
            "https://dl.example.com/b.zip?x=1&y=2",
            "https://dl.example.com/it's.mp3",
            "https://dl.example.com/second.mp4",
        ),
        "related": ("https://www.example.com/r?a=1&b=2", "https://www.example.com/s"),
    },
    {
        "id": "https://www.example.com/ids/1?x=1&y=2",
        "title": "An address is its id",
        "link": "https://www.example.com/elsewhere",
        "published": moment("2025-03-03T09:00:00Z"),
        "updated": moment("2025-03-03T09:00:00Z"),
        "authors": ("Revue C",),
        "categories": ("C",),
        "summary": "An address is its id",
        "language": "fr",
    },
    {
        "id": "tag:example.org,2025:no-page",
        "title": "No page of its own",
        "published": moment("2025-03-02T09:00:00Z"),
        "updated": moment("2025-03-02T09:00:00Z"),
        "categories": ("Programming",),
        "summary": "Only content, and things to fetch",
        "content": content(
            'The whole text is here. <a href="https://www.example.com/elsewhere">Elsewhere</a>'
        ),
        "enclosures": ("https://dl.example.com/talk.mp3",),
        "related": ("https://www.example.com/elsewhere",),
    },
    {
        "id": "tag:example.org,2025:old-controls",
        "title": "Tab here, line and bell evil",
        "link": "https://xn--bcher-kva.example/%C3%A4%20b/%7Euser?q=%C3%BC#%C3%9F",
        "published": moment("1969-07-20T20:17:40Z"),
        "updated": moment("1969-07-20T20:17:40Z"),
        "categories": ("C",),
        "summary": "One two three four",
        "content": content("<pre>a b\\n c</pre>"),
    },
]


def test_expectation_is_what_the_records_say(tree: Tree) -> None:
    shown = {one.id: one for one in expected(tree.path / "feed.json")}
    said = SAID[tree.path.name]()

    assert said.keys() <= shown.keys()
    for id, things in said.items():
        assert {thing: getattr(shown[id], thing) for thing in things} == things


def _of_hostile() -> dict[str, dict[str, Any]]:
    return {row["id"]: WITHOUT | row for row in HOSTILE}


def _of_real() -> dict[str, dict[str, Any]]:
    """By the reading that shares nothing with Topicast."""
    assert RECORDS is not None
    records = read_folder(RECORDS, ("news", "samples", "learning"))
    return {
        one.id: {
            **{thing: getattr(one, thing) for thing in ("title", "published", "authors")},
            "link": one.link,
            "summary": one.summary,
            "categories": one.topics,
        }
        for one in records.values()
        if not one.state
    }


def _of_example() -> dict[str, dict[str, Any]]:
    return {
        "urn:uuid:6f1c9a52-3b0e-4d57-9a41-2f6f0c8d7e10": {
            "link": "https://openlab.example.org/weekly/2026/shelf-test",
            "authors": ("Wei Chen",),
            "picture": "https://openlab.example.org/media/shelf-test.jpg",
        },
    }


SAID = {"hostile": _of_hostile, "real": _of_real, "example": _of_example}
