from __future__ import annotations

import json
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from topicast.config import RECORD_FIELDS, Config, Fields, Site
from topicast.problems import ConfigError, Found, Level
from topicast.records import record as record_module
from topicast.records.dates import instant, read_date
from topicast.records.model import Download, Image, Record, Related
from topicast.records.record import ReadResult, ReadSettings, read_record, record_of
from topicast.records.schema import FIELD_NAMES, RawRecord, absent, json_schema
from topicast.records.tree import Document, Tree

UTC = ReadSettings.of(Config(site=Site(timezone="UTC")))
PARTS = ["name", "domain", "authors", "images", "url", "width", "title", "type", "webUrl", "other"]
DAY = 24 * 60 * 60 * 1_000_000
MAY_1 = instant(read_date("2024-05-01T00:00:00Z"), UTC.zone)


def read(
    tree: dict[str, Any], path: str = "a.md", settings: ReadSettings = UTC, **more: Any
) -> ReadResult:
    kind = "" if path.endswith((".yaml", ".json", ".jsonl")) else "markdown"
    return read_record(Document(tree=tree, body_kind=kind, **{"item": 0, **more}), path, settings)


def good(tree: dict[str, Any], path: str = "a.md", **more: Any) -> Record:
    """The record of a tree that has nothing wrong, with a title if the test gives none."""
    result = read({"title": "T", **tree}, path, **more)
    assert result.found == ()
    assert result.record is not None
    return result.record


def warned(tree: dict[str, Any]) -> tuple[Record, str]:
    """The record of a tree with one warning, and the field that it names."""
    result = read({"title": "T", **tree})
    (found,) = result.found
    assert found.level is Level.WARNING
    assert result.record is not None
    return result.record, found.field


def refused(tree: dict[str, Any], **more: Any) -> Found:
    result = read({"title": "T", **tree}, **more)
    (found,) = result.found
    assert found.level is Level.ERROR
    assert result.record is None
    return found


def test_every_field_arrives() -> None:
    image = {"url": "/a.png", "width": "640", "height": "480", "title": "A", "attribution": "B"}
    record = good(
        {
            "id": " urn:x:1 ",
            "title": " A &amp; B ",
            "excerpt": "E",
            "webUrl": "https://a.example/",
            "originalUrl": "https://b.example/",
            "featuredContent": "<iframe>",
            "slug": "s",
            "publishedDateTime": "2024-05-01T00:00:00Z",
            "updatedDateTime": "2024-05-02T00:00:00Z",
            "expires": "2024-05-03T00:00:00Z",
            "removedDateTime": "2024-05-04T00:00:00Z",
            "topics": ["AI", "C++", "AI"],
            "provider": {"name": "P", "domain": "p.example", "authors": [{"name": "Q"}, "R"]},
            "images": [image, "/b.png"],
            "related": [{"title": "R", "webUrl": "w", "originalUrl": "o"}, {"originalUrl": "o"}],
            "actions": [{"url": "u", "type": "Download", "title": "D"}, {"url": "v", "type": "x"}],
            "length": "PT1M",
            "locale": "pt_BR",
        },
        body="B",
        item=3,
        many=True,
    )
    assert record == Record(
        path="a.md",
        item=3,
        many=True,
        id="urn:x:1",
        title=" A &amp; B ",
        excerpt="E",
        body="B",
        body_kind="markdown",
        web_url="https://a.example/",
        original_url="https://b.example/",
        embed="<iframe>",
        own_link="https://a.example/",
        slug="s",
        published=MAY_1,
        updated=MAY_1 + DAY,
        expires=MAY_1 + 2 * DAY,
        removed_at=MAY_1 + 3 * DAY,
        topics=("AI", "C++"),
        provider="P",
        provider_domain="p.example",
        authors=("Q", "R"),
        images=(Image("/a.png", 640, 480, "A", "B"), Image("/b.png")),
        related=(Related("R", "w"), Related("", "o")),
        downloads=(Download("u", "D"),),
        duration=60,
        language="pt-BR",
    )


@pytest.mark.parametrize("title", ["No", "1.10", "2024-01-01", "null", "~"])
def test_a_title_stays_as_written(title: str) -> None:
    assert good({"title": title}).title == title


@pytest.mark.parametrize("tree", [{}, {"title": ""}, {"title": " \t"}, {"title": ["a"]}])
def test_no_title_is_an_error(tree: dict[str, Tree]) -> None:
    (found,) = read({**tree, "webUrl": "https://a.example/"}).found
    assert (found.field, found.level) == ("title", Level.ERROR)


def test_none_written_out_is_none() -> None:
    fields = [name for name in FIELD_NAMES if name not in ("title", *SWITCHES)]
    for text in ("", " ", "~", "null", "Null"):
        assert good(dict.fromkeys(fields, text)) == good({})


@pytest.mark.parametrize("path", ["a.yaml", "a.json", "a.jsonl"])
def test_a_whole_file_without_title_date_and_link_is_no_record(path: str) -> None:
    nothing: dict[str, Tree] = {"_id": "x", "name": "X", "title": "", "published": "maybe"}
    assert read(nothing, path) == ReadResult()
    assert read({"webUrl": "https://a.example/"}, path).found != ()
    assert read({"publishedDateTime": "soon"}, path).found != ()
    assert read({"title": "T"}, path).record is not None
    assert read(nothing, "a.md").found != ()


SWITCHES = ("published", "draft", "removed", "deleted")
WORDS = [
    ("true", True),
    ("YES", True),
    ("On", True),
    ("false", False),
    ("no", False),
    ("OFF", False),
]


@pytest.mark.parametrize("word, value", WORDS)
def test_switches_take_words_in_any_case(word: str, value: bool) -> None:
    for name in ("published", "Published", "PUBLISHED", "\u200bpublished", "publi\u00adshed"):
        assert good({name: word}).unpublished is not value
    assert good({"draft": word}).unpublished is value
    assert good({"removed": word}).withdrawn is value
    assert good({"Deleted": f" {word} "}).withdrawn is value


@pytest.mark.parametrize(
    "unseen",
    [*"\u20e3\u3164\u115f\u2800\u200b\ud800\ue000\ufffe\x00\x08\x7f\u202e", "\ufe0f"],
)
def test_what_nobody_sees_in_its_name_makes_no_other_switch(unseen: str) -> None:
    for name in (f"published{unseen}", f"{unseen}published", f"pub{unseen}lished"):
        assert good({name: "false"}).unpublished
        assert refused({name: "maybe"}).expected.startswith("expected true or false")


def with_last(part: Any, more: dict[str, Any]) -> Any:
    """``part`` with more where TOML would put what is written below it."""
    if isinstance(part, list):
        return [*part[:-1], part[-1] | more]
    (name, value), *_ = part.items()
    return {name: with_last(value, more)} if isinstance(value, list) else part | more


@pytest.mark.parametrize("switch", [*SWITCHES, "Published", "draft\u200b"])
@pytest.mark.parametrize(
    ("field", "part"),
    [
        ("provider", {"name": "X"}),
        ("provider", {"authors": [{"name": "X"}]}),
        ("provider", {"images": [{"url": "/a.png"}, {"url": "/b.png"}]}),
        ("images", [{"url": "/a.png"}]),
        ("related", [{"webUrl": "/a"}, {"webUrl": "/b"}]),
        ("actions", [{"url": "/a"}]),
    ],
)
def test_a_switch_that_slipped_into_a_part_sets_the_record_aside(
    switch: str, field: str, part: Any
) -> None:
    slipped = {switch: "no" if "ublished" in switch else "yes"}
    found = refused({field: with_last(part, slipped)})
    assert found.field == field
    assert found.remedy.startswith("move ") and found.remedy.endswith("to the top of the record")


def test_what_hides_nothing_may_stand_in_a_part() -> None:
    related = {"webUrl": "/a", "published": "true", "draft": "false"}  # of that other record
    assert good({"related": [related]}).related == (Related("", "/a"),)


@pytest.mark.parametrize("name", ["publishedDateTime", "expires", "Expires"])
def test_a_date_of_the_gate_that_slipped_into_the_provider_is_not_passed_over(name: str) -> None:
    for part in ({"name": "X"}, {"authors": [{"name": "X"}]}):
        assert refused({"provider": with_last(part, {name: "2099-01-01"})}).field == "provider"
    related = {"webUrl": "/a", name: "2099-01-01"}  # of that other record
    assert good({"related": [related]}).related == (Related("", "/a"),)


@pytest.mark.parametrize("name", ["published", "Published"])
def test_a_switch_may_be_mapped_into_a_part(name: str) -> None:
    settings = ReadSettings.of(Config(fields=Fields(map={"published": f"provider.{name}"})))
    tree = {"title": "T", "provider": {name: "false"}}
    result = read(tree, settings=settings)
    assert result.found == () and result.record and result.record.unpublished


@pytest.mark.parametrize("name", ["PublishedDateTime", "publisheddatetime", "Expires", "EXPIRES "])
def test_a_date_of_the_gate_in_another_case_is_not_passed_over(name: str) -> None:
    found = refused({"publishedDateTime": "2024-05-01", name: "2099-01-01"})
    assert name.strip().casefold() == found.field.casefold()
    assert found.remedy == f"write {found.field}: …"
    mapped = ReadSettings.of(Config(fields=Fields(map={found.field: name.strip()})))
    assert read({"title": "T", name.strip(): "2025-01-01"}, settings=mapped).found == ()


def test_either_switch_is_enough() -> None:
    assert good({"published": "true", "draft": "true"}).unpublished
    assert good({"published": "false", "draft": "false"}).unpublished
    assert good({"removed": "false", "deleted": "true"}).withdrawn
    shown = good({})
    assert not shown.unpublished
    assert not shown.withdrawn


@pytest.mark.parametrize("name", [*SWITCHES, "Published", "DRAFT ", "\ufeffdraft", "\uff44raft"])
@pytest.mark.parametrize(
    "value", ["", "~", "null", "0", "1", "maybe", "y", "tr ue", [], {}, ["no"]]
)
def test_a_switch_that_is_no_switch_sets_the_record_aside(name: str, value: Tree) -> None:
    found = refused({name: value})
    assert found.field == name
    assert found.expected.startswith("expected true or false")
    assert found.remedy == "write true or false"


def test_a_switch_given_twice_sets_the_record_aside() -> None:
    found = refused({"published": "true", "Published": "true"})
    assert (found.field, found.expected) == ("Published", "published is given twice")


@pytest.mark.parametrize("name", ["publishedDateTime", "updatedDateTime", "expires"])
@pytest.mark.parametrize("value", ["soon", "2024-05", "0", "9" * 5000, ["2024-05-01"], {}])
def test_a_senseless_date_is_an_error(name: str, value: Tree) -> None:
    found = refused({name: value})
    assert found.field == name
    assert found.expected.startswith("expected a ")
    assert found.remedy == "write 2024-05-01T09:00:00Z"
    assert len(found.expected) < 120


def test_a_date_is_quoted_in_part() -> None:
    assert refused({"expires": "soon"}).expected == "expected a date, got 'soon'"
    assert "x" * 39 + "…" in refused({"expires": "x" * 99}).expected
    assert "x" * 40 not in refused({"expires": "x" * 99}).expected


def test_a_senseless_date_of_removal_only_warns() -> None:
    record, field = warned({"removedDateTime": "soon"})
    assert (record.removed_at, field) == (None, "removedDateTime")


CANARY = "canary"
HIDDEN: list[dict[str, Tree]] = [
    {"published": "false"},
    {"draft": "yes"},
    {"removed": "on"},
    {"published": "maybe"},
    {"deleted": ["x"]},
    {"published": "true", "Published": "true"},
]


@pytest.mark.parametrize("switches", HIDDEN)
def test_nothing_is_quoted_of_what_is_hidden_or_unclear(switches: dict[str, Tree]) -> None:
    canaries: dict[str, Tree] = dict.fromkeys(set(FIELD_NAMES) - set(SWITCHES), CANARY)
    result = read({**canaries, "title": "", **switches})
    assert "expires" in {found.field for found in result.found}
    assert CANARY not in repr(result.found)


def test_a_bad_switch_is_not_quoted_where_another_one_hides() -> None:
    assert "maybe" in refused({"published": "maybe"}).expected
    assert "maybe" not in refused({"published": "maybe", "removed": "true"}).expected


def test_a_date_without_zone_is_in_the_sites() -> None:
    settings = ReadSettings.of(Config(site=Site(timezone="Europe/Berlin")))
    result = read({"title": "T", "publishedDateTime": "2024-05-01"}, settings=settings)
    assert result.record is not None
    assert result.record.published == MAY_1 - DAY // 12
    assert result.zone_assumed
    assert not read({"title": "T", "publishedDateTime": "2024-05-01T00:00Z"}).zone_assumed
    assert not read({"title": "T"}).zone_assumed


def test_the_date_in_the_files_name_counts_where_none_is_written() -> None:
    assert good({}, "news/2024-05-01-x.md").published == MAY_1
    assert good({}, "2024-05-01.yaml").published == MAY_1
    assert read({"title": "T"}, "2024-05-01-x.md").zone_assumed
    assert good({"publishedDateTime": "2024-05-02"}, "2024-05-01-x.md").published == MAY_1 + DAY
    for path in ("2024-13-01-x.md", "2024-05-x.md", "x-2024-05-01.md", "2024-05-01-x/a.md"):
        assert good({}, path).published is None
    assert good({}, "2024-05-01-x.jsonl", many=True).published is None
    assert read({"title": "T", "publishedDateTime": "soon"}, "2024-05-01-x.md").record is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("excerpt", ["x"]),
        ("webUrl", {"x": "y"}),
        ("provider", "Somebody"),
        ("provider", {"name": ["x"]}),
        ("provider", {"authors": [["x"]]}),
        ("images", [["x"], {"url": "/a.png"}]),
        ("images", [{"title": "without address"}]),
        ("related", ["x"]),
        ("related", [{"title": "x"}]),
        ("actions", [{"type": "download"}]),
        ("tags", [["x"]]),
        ("length", "1:30"),
        ("length", "P1Y"),
        ("locale", "English, please"),
        ("locale", "jp"),
        ("topics", ["AI", ""]),
    ],
)
def test_what_only_decorates_is_passed_over_with_a_warning(field: str, value: Tree) -> None:
    assert warned({field: value})[1] == field


def test_in_the_hour_that_comes_twice_it_is_shown_as_late_and_hidden_as_early_as_can_be() -> None:
    berlin = ReadSettings.of(Config(site=Site(timezone="Europe/Berlin")))
    hour = "2025-10-26T02:30:00"
    record = good({"publishedDateTime": hour, "expires": hour}, settings=berlin)
    assert record.published == instant(read_date("2025-10-26T01:30:00Z"), UTC.zone)
    assert record.expires == instant(read_date("2025-10-26T00:30:00Z"), UTC.zone)


def test_no_record_is_in_hundreds_of_topics() -> None:
    assert len(good({"topics": [f"t{number}" for number in range(100)]}).topics) == 100
    assert refused({"topics": [f"t{number}" for number in range(101)]}).field == "topics"


def test_topics_as_text_are_a_list_of_one() -> None:
    record, field = warned({"topics": "AI, ML"})
    assert (record.topics, field) == (("AI, ML",), "topics")


def test_an_id_of_another_shape_is_an_error() -> None:
    assert refused({"id": ["x"]}).field == "id"


@pytest.mark.parametrize("width", ["wide", "-1", "1.5", "9" * 30, "", "٣"])
def test_a_senseless_width_is_unknown(width: str) -> None:
    assert good({"images": [{"url": "/a.png", "width": width}]}).images == (Image("/a.png"),)


def test_further_categories_on_request() -> None:
    tree = {
        "topics": ["AI"],
        "category": "news",
        "tags": ["a", "AI", "~", "news"],
        "type": "article",
    }
    assert good(tree).categories == ()
    settings = ReadSettings.of(Config(fields=Fields(categories=("type", "tags", "category"))))
    assert good(tree, settings=settings).categories == ("article", "a", "news")


def test_a_time_zone_that_is_not_known_is_a_configuration_error() -> None:
    for name in ("Europe/Nowhere", "../../etc/passwd", "\x00"):
        with pytest.raises(ConfigError, match="timezone"):
            ReadSettings.of(Config(site=Site(timezone=name)))


def test_a_decoded_record_goes_the_same_way_as_a_tree() -> None:
    tree: dict[str, Tree] = {
        "title": "T",
        "webUrl": "null",
        "published": "false",
        "topics": ["A", ""],
        "provider": {"authors": ["Q"]},
        "expires": "soon",
    }
    document = Document(item=0, tree=tree, body_kind="markdown")
    raw = msgspec.json.decode(
        json.dumps({**tree, "published": False, "secured": 1}), type=RawRecord
    )
    assert record_of(raw, document, "a.md", UTC) == read_record(document, "a.md", UTC)


SHAPES: st.SearchStrategy[Tree] = st.recursive(
    st.sampled_from(["", "~", "T", "true", "False", "maybe", "7", "2024-05-01", "https://e.org/a"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(PARTS), inner, max_size=4),
    ),
    max_leaves=6,
)


@settings(max_examples=400)
@given(st.dictionaries(st.sampled_from([*FIELD_NAMES, "Draft", "secured"]), SHAPES, max_size=8))
def test_the_short_way_of_the_usual_record_ends_where_the_long_one_does(
    tree: dict[str, Tree],
) -> None:
    document = Document(item=0, tree=tree, body_kind="markdown")
    taken = read_record(document, "a.md", UTC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record_module, "usual_records", lambda _: None)
        assert read_record(document, "a.md", UTC) == taken


def test_the_schema_describes_every_field_and_no_secret_one() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["properties"]) == set(FIELD_NAMES) == set(RECORD_FIELDS)
    assert "additionalProperties" not in schema
    assert schema["anyOf"] == [{"required": ["title"]}]
    for part in (schema, *schema["$defs"].values()):
        for field in part["properties"].values():
            assert field["title"]
            assert field["description"]
    text = json.dumps(schema)
    assert not any(secret in text for secret in ("secured", "quality", "heat"))
    references = {line.split('"')[1] for line in text.split('"$ref": ')[1:]}
    assert references == {f"#/$defs/{name}" for name in schema["$defs"]}
    assert schema["properties"]["draft"]["anyOf"][0] == {"type": "boolean"}


VALUES = st.recursive(
    st.one_of(st.sampled_from(["", "~", "true", "no", "maybe", "2024-05-01", "PT1S"]), st.text()),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["url", "name", "title", "authors", "type"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FIELD_NAMES, "Draft", "secured", "heat"]), VALUES))
def test_any_tree_is_a_record_or_has_an_error(tree: dict[str, Tree]) -> None:
    result = read({**tree, "secured": "s3cr3t", "quality": {"url": "s3cr3t"}})
    assert (result.record is None) == any(one.level is Level.ERROR for one in result.found)
    assert "s3cr3t" not in repr(result)
    if result.record is not None:
        values = [tree[name] for name in tree if name.strip().casefold() in SWITCHES]
        assert all(isinstance(v, str) and v.strip().casefold() in ("true", "no") for v in values)
        hides = str(tree.get("published", "true")).strip() != "true" or "true" in (
            str(tree.get(name, "")).strip() for name in ("draft", "Draft")
        )
        assert result.record.unpublished is hides


def test_a_blank_of_any_kind_is_as_good_as_no_text() -> None:
    blanks = [char for char in map(chr, range(sys.maxunicode + 1)) if char.isspace()]
    assert len(blanks) > 20
    for blank in blanks:
        assert absent(blank) and absent(f"{blank}Null{blank}") and absent(f"{blank}~")
        assert not absent(f"{blank}no") and not absent(f"none{blank}")
