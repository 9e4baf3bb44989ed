from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.config import Config, Fields, Site
from topicast.problems import ConfigError, Level
from topicast.records.dates import instant, read_date
from topicast.records.dialects import wants_headers
from topicast.records.model import BodyKind, Micros, Record
from topicast.records.record import ReadResult, ReadSettings, read_record
from topicast.records.tree import Document, Tree


def settings(preset: Any = "", link: str = "", categories: Any = (), **names: str) -> ReadSettings:
    fields = Fields(preset=preset, link=link, categories=categories, map=names)
    site = Site(url="https://site.example", timezone="Europe/Berlin")
    return ReadSettings.of(Config(site=site, fields=fields))


def read(
    how: ReadSettings,
    tree: dict[str, Any],
    path: str = "a.md",
    many: bool = False,
    kind: BodyKind = "markdown",
) -> ReadResult:
    document = Document(item=0, many=many, tree={"title": "T", **tree}, body_kind=kind)
    return read_record(document, path, how)


def good(how: ReadSettings, tree: dict[str, Any], path: str = "a.md", many: bool = False) -> Record:
    result = read(how, tree, path, many)
    assert result.found == ()
    assert result.record is not None
    return result.record


def at(text: str) -> Micros:
    return instant(read_date(text), settings().zone)


JEKYLL, HUGO, PELICAN = settings("jekyll"), settings("hugo"), settings("pelican")


def test_jekyll() -> None:
    record = good(
        JEKYLL,
        {
            "layout": "post",
            "date": "2024-05-01 09:00:00 +0200",
            "last_modified_at": "2024-05-02",
            "tags": "web  feeds",
            "categories": ["News", "feeds"],
            "permalink": "/a/b/",
            "description": "D",
            "published": "true",
        },
    )
    assert record.published == at("2024-05-01T07:00:00Z")
    assert record.updated == at("2024-05-02")
    assert record.topics == ("web", "feeds", "News")
    assert record.web_url == "/a/b/"
    assert record.excerpt == "D"
    assert not record.unpublished


def test_jekyll_drafts_and_switch() -> None:
    assert good(JEKYLL, {"published": "false"}).unpublished
    for path in ("_drafts/a.md", "blog/_drafts/x/a.md", "_Drafts/a.md"):
        assert good(JEKYLL, {"published": "true"}, path).unpublished
    assert not good(JEKYLL, {}, "_drafts.md").unpublished
    assert not good(settings(), {}, "_drafts/a.md").unpublished
    result = read(JEKYLL, {"date": "canary"}, "_drafts/a.md")
    assert result.record is None
    assert "canary" not in repr(result.found)


@pytest.mark.parametrize("permalink", ["/:categories/:title/", "pretty", "none", "a/b"])
def test_a_permalink_that_is_a_pattern_is_no_address(permalink: str) -> None:
    assert good(JEKYLL, {"permalink": permalink}).web_url == ""
    assert good(JEKYLL, {"permalink": permalink, "webUrl": "/own/"}).web_url == "/own/"


def test_jekyll_category_is_one_name() -> None:
    record = good(JEKYLL, {"category": "Power Apps", "topics": ["AI"]})
    assert record.topics == ("Power Apps", "AI")


def test_hugo() -> None:
    record = good(
        HUGO,
        {
            "date": "2024-05-01T00:00:00Z",
            "publishDate": "2024-06-01T00:00:00Z",
            "lastmod": "2024-07-01T00:00:00Z",
            "expiryDate": "2024-08-01T00:00:00Z",
            "tags": ["Power Apps", "AI"],
            "categories": ["News"],
            "summary": "S",
            "description": "D",
            "url": "/a/",
        },
    )
    assert record.published == at("2024-06-01T00:00:00Z")
    assert record.updated == at("2024-07-01T00:00:00Z")
    assert record.expires == at("2024-08-01T00:00:00Z")
    assert record.topics == ("Power Apps", "AI", "News")
    assert (record.excerpt, record.web_url) == ("S", "/a/")


def test_hugo_names_have_no_case() -> None:
    record = good(HUGO, {"publishdate": "2024-06-01", "EXPIRYDATE": "2024-08-01", "Draft": "true"})
    assert (record.published, record.expires) == (at("2024-06-01"), at("2024-08-01"))
    assert record.unpublished


def test_hugo_date_counts_where_no_publish_date_is() -> None:
    tree = {"date": "2024-05-01", "publishDate": ""}
    assert good(HUGO, tree).published == at("2024-05-01")
    assert good(HUGO, {"publishedDateTime": "2024-05-03"}).published == at("2024-05-03")


@pytest.mark.parametrize("path", ["_index.md", "blog/_index.md", "_index.de.md"])
def test_hugo_index_is_no_record(path: str) -> None:
    assert read(HUGO, {"draft": "maybe"}, path) == ReadResult()
    assert read(settings(), {}, path).record is not None


def test_pelican() -> None:
    record = good(
        PELICAN,
        {
            "Date": "2024-05-01 10:20",
            "Modified": "2024-05-02",
            "Category": "Python",
            "Tags": "feeds, web apps,",
            "Slug": "my-post",
            "Summary": "S",
            "Authors": "Ann; Lee, Bob",
            "Status": "Published",
        },
    )
    assert record.published == at("2024-05-01T08:20:00Z")
    assert record.updated == at("2024-05-02")
    assert record.topics == ("feeds", "web apps", "Python")
    assert (record.slug, record.excerpt) == ("my-post", "S")
    assert record.authors == ("Ann", "Lee, Bob")
    assert not record.unpublished


def test_pelican_author_is_one_name() -> None:
    record = good(PELICAN, {"Author": "Lee, Bob", "provider": {"name": "P"}})
    assert (record.authors, record.provider) == (("Lee, Bob",), "P")


@pytest.mark.parametrize("status", ["draft", "Hidden", "SKIP"])
def test_pelican_status_hides(status: str) -> None:
    assert good(PELICAN, {"Status": status, "published": "yes"}).unpublished
    assert good(PELICAN, {"status": status}).unpublished


@pytest.mark.parametrize("status", ["", "live", "publishd", "true", ["published"]])
def test_pelican_status_that_is_unknown_is_an_error(status: Tree) -> None:
    result = read(PELICAN, {"Status": status, "Date": "canary"})
    assert result.record is None
    assert result.found[0].field == "Status"
    assert "canary" not in repr(result.found)


@pytest.mark.parametrize("preset", ["jekyll", "hugo", "pelican"])
def test_a_date_of_the_gate_has_a_name_as_people_see_it(preset: str) -> None:
    assert good(settings(preset), {"Expires\u200b": "2024-05-01T00:00:00Z"}).expires is not None


def test_only_pelican_wants_headers() -> None:
    assert wants_headers(Config(fields=Fields(preset="pelican")))
    assert not wants_headers(Config(fields=Fields(preset="hugo")))


def test_names_that_differ_in_case_only_are_one_given_twice() -> None:
    result = read(PELICAN, {"Date": "2024-05-01", "date": "2024-05-02"})
    assert result.record is None
    assert [found.expected for found in result.found] == ["date is given twice"]


def test_a_map_of_names_with_a_path_into_a_mapping() -> None:
    how = settings(title="headline", excerpt="seo.description", publishedDateTime="a.b")
    record = good(
        how, {"headline": "H", "seo": {"description": "D"}, "a.b": "2024-05-01", "a": {"b": "x"}}
    )
    assert (record.title, record.excerpt) == ("H", "D")
    assert record.published == at("2024-05-01")
    assert good(how, {"seo": "text"}).title == "T"


def test_a_problem_names_the_field_as_it_is_written() -> None:
    how = settings("jekyll", expires="life.end")
    found = read(how, {"Date": "soon", "Life": {"End": "never"}, "Published": "maybe"}).found
    assert {one.field for one in found} == {"Date", "Life.End", "Published"}


def test_a_map_goes_before_the_names_of_a_preset() -> None:
    how = settings("hugo", publishedDateTime="live", topics="sections")
    record = good(
        how, {"live": "2024-05-03", "date": "2024-05-01", "sections": ["A"], "tags": ["B"]}
    )
    assert record.published == at("2024-05-03")
    assert record.topics == ("B", "A")


SWITCH_VALUES = {"true": 0, "no": 1, "maybe": 2, "": 2}


@pytest.mark.parametrize("ours", SWITCH_VALUES)
@pytest.mark.parametrize("theirs", SWITCH_VALUES)
@pytest.mark.parametrize("preset", ["", "jekyll", "hugo", "pelican"])
def test_of_a_switch_under_two_names_either_is_enough(ours: str, theirs: str, preset: str) -> None:
    how = settings(preset, published="state.visible")
    result = read(how, {"Published": ours, "State": {"Visible": theirs}})
    worst = max(SWITCH_VALUES[ours], SWITCH_VALUES[theirs])
    if worst == 2:
        assert result.record is None
        assert {one.level for one in result.found} == {Level.ERROR}
    else:
        assert result.record is not None
        assert result.record.unpublished is bool(worst)


@pytest.mark.parametrize("ours", ["true", "false"])
@pytest.mark.parametrize("theirs", ["true", "false"])
def test_a_switch_that_is_there_with_a_dot_and_below_a_mapping_is_given_twice(
    ours: str, theirs: str
) -> None:
    how = settings(published="meta.visible")
    assert read(how, {"meta.visible": ours, "meta": {"visible": theirs}}).record is None
    assert good(how, {"meta.visible": ours, "meta": "x"}).unpublished is (ours == "false")


def test_blanks_around_a_name_of_the_map_are_no_part_of_it() -> None:
    assert good(settings(published=" visible "), {"visible": "no"}).unpublished


@pytest.mark.parametrize(
    ("how", "tree"),
    [
        (settings("hugo"), {"expiryDate": "2099-01-01", "expires": "2020-01-01"}),
        (settings(expires="until"), {"until": "2099-01-01", "expires": "2020-01-01"}),
        (settings("jekyll"), {"date": "2020-01-01", "publishedDateTime": "2099-01-01"}),
    ],
)
def test_two_dates_of_the_gate_that_differ_leave_in_doubt(
    how: ReadSettings, tree: dict[str, str]
) -> None:
    assert read(how, tree).record is None
    assert good(how, dict.fromkeys(tree, "2024-01-01"))


def test_a_switch_below_what_is_no_mapping_cannot_be_read() -> None:
    assert read(settings(draft="state.draft"), {"state": "no"}).record is None


@pytest.mark.parametrize("theirs", ["secured", "Heat", "x.quality", "secured.inner", " secured "])
def test_no_field_can_be_mapped_to_a_secret_one(theirs: str) -> None:
    with pytest.raises(ConfigError, match="never leaves a record"):
        settings(title=theirs)


@pytest.mark.parametrize("preset", ["", "jekyll", "hugo", "pelican"])
@given(key=st.sampled_from(["secured", "quality", "heat", "params", "layout"]), deep=st.booleans())
def test_secret_and_unknown_fields_stay_where_they_are(preset: str, key: str, deep: bool) -> None:
    value: Tree = {"title": "s3cr3t", "date": "s3cr3t"} if deep else "s3cr3t"
    result = read(settings(preset), {key: value, "status": "draft", "date": "soon"})
    assert "s3cr3t" not in repr(result)


def test_link_template() -> None:
    how = settings("hugo", "{url}/{year}/{month}/{day}/{slug}/")
    date = {"date": "2024-04-30T22:30:00Z"}  # May 1 in Berlin
    assert good(how, date, "x/2024-05-01-Ä b.md").template_link == (
        "https://site.example/2024/05/01/%C3%84%20b/"
    )
    assert good(how, {**date, "slug": "../s"}).template_link.endswith("/2024/05/01/..%2Fs/")
    assert good(how, date, "2024-05-01.md").template_link.endswith("/2024-05-01/")
    assert good(how, date, "x/post/index.md").template_link.endswith("/post/")
    # Only a date that the name begins with is none of the slug.
    assert good(how, date, "log-2024-05-01-x.md").template_link.endswith("/log-2024-05-01-x/")
    assert good(how, date, "12024-05-01-x.md").template_link.endswith("/12024-05-01-x/")


def test_link_template_with_path_stem_and_category() -> None:
    how = settings("jekyll", "{url}/{category}/{path}/{stem}.html")
    tree = {"categories": "News other"}
    assert good(how, tree, "x y/a.md").template_link == "https://site.example/News/x%20y/a/a.html"
    assert good(how, tree, "x/b/index.md").template_link == "https://site.example/News/x/b/b.html"


@pytest.mark.parametrize("field", ["webUrl", "originalUrl", "featuredContent"])
def test_a_link_of_its_own_goes_before_the_template(field: str) -> None:
    record = good(settings(link="{url}/{slug}"), {field: "own"})
    assert "own" in (record.web_url, record.original_url, record.embed)
    assert record.web_url in ("own", "")


def test_a_template_without_a_value_gives_no_link() -> None:
    assert good(settings(link="{url}/{year}/"), {}).template_link == ""
    assert good(settings(link="{url}/{category}/"), {}).template_link == ""
    for name in ("path", "stem", "slug"):
        how = settings(link=f"{{url}}/{{{name}}}/")
        assert good(how, {}, "a.jsonl", many=True).template_link == ""
    slug = good(settings(link="{url}/{slug}/"), {"slug": "s"}, "a.jsonl", many=True)
    assert slug.template_link == "https://site.example/s/"


@pytest.mark.parametrize("link", ["{url}/{titel}", "{url", "{}", "{url!r}", "{slug:>9}", "{url.x}"])
def test_a_wrong_template_is_a_configuration_error(link: str) -> None:
    with pytest.raises(ConfigError, match=r"\[fields\] link"):
        settings(link=link)


def test_what_is_a_topic_is_no_further_category() -> None:
    how = settings("pelican", categories=("category", "tags"))
    assert good(how, {"Category": "A", "Tags": "B"}).categories == ()


@pytest.mark.parametrize("root", ["/site", "/_drafts/site"])
@pytest.mark.parametrize("folder", ["_drafts", "_Drafts/2024"])
def test_a_folder_of_drafts_has_nothing_published(root: str, folder: str) -> None:
    config = Config(fields=Fields(preset="jekyll"), root=root)
    folder = f"{root}/{folder}"
    document = Document(item=0, tree={"title": "T", "date": "2024-01-01"}, body_kind="markdown")
    drafts = read_record(document, "a.md", ReadSettings.of(config, folder)).record
    posts = read_record(document, "a.md", ReadSettings.of(config, f"{root}/_posts")).record
    assert drafts is not None and drafts.unpublished
    assert posts is not None and not posts.unpublished
