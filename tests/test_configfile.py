"""``topicast.toml``: what is taken, and what the message says where it is not."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.config import RECORD_FIELDS, Config, Feeds, Fields, Site, TopicSettings
from topicast.configfile import check_folders, load_config, with_base_url
from topicast.configrules import absolute_address
from topicast.problems import ConfigError
from topicast.records.schema import FIELD_NAMES


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def load(text: str) -> Config:
    Path("topicast.toml").write_text(text, encoding="utf-8")
    return load_config(None)


def message(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        load(text)
    assert raised.value.exit_code == 2
    assert "\n" not in str(raised.value)
    return str(raised.value)


# Where the file is


def test_without_a_file_everything_has_its_default(tmp_path: Path) -> None:
    config = load_config(None)
    assert config == Config(root=str(tmp_path))
    assert config.base_url == "http://localhost:8000"


def test_an_empty_file_says_the_same(tmp_path: Path) -> None:
    assert load("") == Config(root=str(tmp_path), file="topicast.toml")


def test_a_named_file_sets_the_root_and_stays_where_it_is_named(tmp_path: Path) -> None:
    Path("sub").mkdir()
    Path("sub/other.toml").write_text('[site]\ntitle = "Other"\n')
    config = load_config("sub/other.toml")
    assert (config.root, config.file) == (str(tmp_path / "sub"), "sub/other.toml")
    assert config.site.title == "Other"
    assert Path.cwd() == tmp_path


def test_a_named_file_must_be_there() -> None:
    with pytest.raises(ConfigError, match=r"^no\.toml: there is no such file"):
        load_config("no.toml")
    with pytest.raises(ConfigError, match=r"^'': there is no such file"):
        load_config("")


def test_a_default_file_that_leads_nowhere_is_no_default() -> None:
    Path("topicast.toml").symlink_to("gone.toml")
    with pytest.raises(ConfigError, match="there is no such file"):
        load_config(None)


def test_a_folder_is_no_file() -> None:
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(".")


def test_a_mark_of_windows_editors_and_their_line_ends_are_fine() -> None:
    Path("topicast.toml").write_bytes(b'\xef\xbb\xbf[site]\r\ntitle = "A"\r\nbas_url = "x"\r\n')
    with pytest.raises(ConfigError, match=r"^topicast\.toml:3: \[site\] bas_url: unknown key"):
        load_config(None)


# What is no TOML


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"[site]\n\n\ntitle = \n", r"topicast\.toml:4: is not TOML: Invalid value"),
        (b"[site]\ntitle = 'a'\ntitle = 'b'\n", r"topicast\.toml:3: is not TOML: Cannot overwrite"),
        (b"[site]\ntitle = 'a\xff'\n", r"topicast\.toml:2: is not UTF-8"),
        (b"[site]\ntitle = 'a\x00'\n", r"topicast\.toml:2: is not TOML"),
        (b"a = " + b"[" * 100_000, r"topicast\.toml: is nested too deeply"),
        (b"a = " + b"9" * 10_000, r"topicast\.toml: is not TOML: Exceeds"),
    ],
)
def test_syntax_errors_name_the_line(data: bytes, said: str) -> None:
    Path("topicast.toml").write_bytes(data)
    with pytest.raises(ConfigError, match=r"^" + said) as raised:
        load_config(None)
    assert len(str(raised.value)) < 140


# What is taken


def test_every_key_is_taken() -> None:
    config = load(
        """
        [site]
        title = "Example"
        url = "https://example.org/"
        base_url = "https://Example.org:443/feeds/"
        authority = "example.org"
        since = 2021
        timezone = "Asia/Tokyo"
        language = "pt-BR"
        author = "Ada"
        description = "All"
        rights = "CC0"
        icon = "https://example.org/icon.png?v=2"
        logo = "/logo.png"
        logo_width = 144
        logo_height = 40
        [feeds]
        out = "public/feeds"
        preview = "draft"
        limit = 10000
        formats = ["atom", "rss"]
        content = "summary"
        all_content = "full"
        summary_length = 120
        embeds = ["Player.example.org"]
        ttl = 60
        duplicates = "newest"
        title = "{site}: {topic}"
        [topics]
        file = "taxonomy"
        include = ["*"]
        exclude = ["Old *"]
        [topics."C++"]
        title = "All of C++"
        limit = 1
        description = "C++"
        language = "de"
        content = "summary"
        [topics."人工知能"]
        [topics.File]
        limit = 2
        [records]
        path = "content"
        include = ["news/*"]
        exclude = ["news/old/*"]
        [fields]
        preset = "hugo"
        link = "{url}/{year}/{month}/{day}/{slug}/"
        categories = ["tags", "type"]
        title = "headline"
        publishedDateTime = "when"
        """
    )
    assert config.site == Site(
        title="Example",
        url="https://example.org",
        base_url="https://example.org/feeds",
        authority="example.org",
        since=2021,
        timezone="Asia/Tokyo",
        language="pt-BR",
        author="Ada",
        description="All",
        rights="CC0",
        icon="https://example.org/icon.png?v=2",
        logo="/logo.png",
        logo_width=144,
        logo_height=40,
    )
    assert config.feeds == Feeds(
        out="public/feeds",
        preview="draft",
        limit=10000,
        formats=("atom", "rss"),
        content="summary",
        all_content="full",
        summary_length=120,
        embeds=("player.example.org",),
        ttl=60,
        duplicates="newest",
        title="{site}: {topic}",
    )
    assert config.topics.file == "taxonomy"
    assert config.topics.include == ("*",)
    assert config.topics.exclude == ("Old *",)
    assert config.topics.settings == {
        "C++": TopicSettings(
            title="All of C++", limit=1, description="C++", language="de", content="summary"
        ),
        "人工知能": TopicSettings(),
        "File": TopicSettings(limit=2),
    }
    assert config.records.path == "content"
    assert config.records.include == ("news/*",)
    assert config.records.exclude == ("news/old/*",)
    assert config.fields == Fields(
        preset="hugo",
        link="{url}/{year}/{month}/{day}/{slug}/",
        categories=("tags", "type"),
        map={"title": "headline", "publishedDateTime": "when"},
    )


def test_a_topic_may_be_called_like_a_key() -> None:
    config = load("[topics.include]\nlimit = 3\n[topics.settings]\nlimit = 4\n")
    assert config.topics.include == ()
    assert {name: one.limit for name, one in config.topics.settings.items()} == {
        "include": 3,
        "settings": 4,
    }


def test_an_empty_text_where_that_is_the_default_means_the_default() -> None:
    config = load('[site]\nurl = ""\nbase_url = ""\ntimezone = ""\n[fields]\npreset = ""\n')
    assert config.site == Site()


def test_the_configuration_is_the_same_whatever_the_order_of_its_keys() -> None:
    first = load('[site]\ntitle = "A"\nlanguage = "de"\n[topics.a]\n[topics.b]\n')
    second = load('[topics.b]\n[topics.a]\n[site]\nlanguage = "de"\ntitle = "A"\n')
    encoded = [msgspec.json.encode(config, order="deterministic") for config in (first, second)]
    assert encoded[0] == encoded[1]


# Unknown keys


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[site]\ntitle = "A"\nbas_url = "x"\n',
            "topicast.toml:3: [site] bas_url: unknown key; did you mean base_url?",
        ),
        (
            "[feeds]\nLIMIT = 5\n",
            "topicast.toml:2: [feeds] LIMIT: unknown key; did you mean limit?",
        ),
        (
            '[feeds]\nlimit = 5\n\n[topics."C++"]  # mine\nlimt = 5\n',
            "topicast.toml:5: [topics.'C++'] limt: unknown key; did you mean limit?",
        ),
        (
            '[topics]\nsettings = "a"\n',
            "topicast.toml:2: [topics] settings: unknown key; did you mean ",
        ),
        (
            '[records]\n"pa\\nth" = "a"\n',
            "topicast.toml:2: [records] 'pa\\nth': unknown key; did you mean path?",
        ),
        ("[sites]\n", "topicast.toml:1: sites: unknown table; did you mean site?"),
        ("[[topic]]\n", "topicast.toml:1: topic: unknown table; did you mean topics?"),
        (
            'base_url = "x"\n',
            "topicast.toml:1: base_url: is in no table; write it in [site]",
        ),
        (
            "site = { bas_url = 'x' }\n",
            "topicast.toml:1: [site] bas_url: unknown key; did you mean base_url?",
        ),
        ("site.titel = 1\n", "topicast.toml:1: [site] titel: unknown key; did you mean title?"),
        (
            '[fields]\ntitel = "headline"\n',
            "topicast.toml:2: [fields] titel: unknown key; did you mean title?",
        ),
        (
            '[fields]\npresets = "hugo"\n',
            "topicast.toml:2: [fields] presets: unknown key; did you mean preset?",
        ),
        ('[fields]\nmap = "a"\n', "topicast.toml:2: [fields] map: unknown key; did you mean "),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest(text: str, said: str) -> None:
    assert message(text).startswith(said)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_any_unknown_key_gives_one_short_line(key: str) -> None:
    quoted = "".join(f"\\U{ord(c):08x}" for c in key)
    if key not in msgspec.structs.asdict(Site()):
        assert len(message(f'[site]\n"{quoted}" = 1\n')) < 500


# Wrong values


@pytest.mark.parametrize(
    ("table", "line", "said"),
    [
        ("feeds", "limit = 'many'", "a whole number from 1 to 10000, got 'many'"),
        ("feeds", "limit = 0", "a whole number from 1 to 10000, got 0"),
        ("feeds", "limit = 10001", "a whole number from 1 to 10000, got 10001"),
        ("feeds", "limit = true", "a whole number from 1 to 10000, got true"),
        ("feeds", "limit = 5.0", "a whole number from 1 to 10000, got 5.0"),
        ("topics.AI", "limit = 0", "a whole number from 1 to 10000, got 0"),
        ("topics.AI", "content = 'some'", "one of full, summary, got 'some'"),
        ("feeds", "content = 'all'", "one of full, summary, got 'all'"),
        ("feeds", "summary_length = 10", "a whole number from 20 to 10000, got 10"),
        ("feeds", "ttl = 0", "a whole number of minutes from 1 to 525600, got 0"),
        ("feeds", "embeds = ['https://x.org']", 'a list of hosts such as ["youtube.com"]'),
        ("feeds", "embeds = ['x.org', 'X.org']", 'a list of hosts such as ["youtube.com"]'),
        (
            "websub",
            "hubs = ['https://u:p@hub.example/']",
            "a list of http or https addresses without user",
        ),
        ("site", "logo = 'https://u:p@example.org/a.png'", "the address of a picture"),
        ("site", "logo = '//example.org/a.png'", "the address of a picture, http(s) or from the"),
        ("site", "icon = 'icon.png'", "the address of a picture, http(s) or from the root"),
        ("site", "logo_width = 0", "a whole number of pixels from 1 to 10000, got 0"),
        ("site", "since = 999", "a year from 1000 to 9999, got 999"),
        ("site", "since = '2026'", "a year from 1000 to 9999, got '2026'"),
        ("site", "title = ' '", "text that is not blank, got ' '"),
        ("site", "title = 5", "text that is not blank, got 5"),
        ("site", "author = ['a']", "text without control characters, got ['a']"),
        ("site", 'rights = "a\\nb"', "text without control characters, got 'a\\nb'"),
        ("site", 'rights = "a\\uffff"', "text without control characters, got "),
        ("site", "authority = 2026-01-01", "text without control characters, got 2026-01-01"),
        ("site", "timezone = 'Mars'", "an IANA time zone such as Europe/Berlin, got 'Mars'"),
        ("site", "timezone = 'localtime'", "an IANA time zone"),
        ("site", "timezone = '../UTC'", "an IANA time zone"),
        ("site", "timezone = 'America'", "an IANA time zone"),
        ("site", "language = 'english'", "a language code such as en or pt-BR, got 'english'"),
        ("site", "language = 'en_US'", "a language code"),
        ("site", "language = ''", "a language code"),
        ("site", "language = 'jp'", "a language code such as en or pt-BR, got 'jp'"),
        ("topics.AI", "language = 'e'", "a language code"),
        ("feeds", "formats = []", "a list of one or more of rss, atom, json, opml, html, none"),
        ("feeds", "formats = ['rss', 'jsn']", "a list of one or more of rss, atom"),
        ("feeds", "formats = ['rss', 'rss']", "a list of one or more of rss, atom"),
        ("feeds", "formats = 'rss'", "a list of one or more of rss, atom"),
        ("feeds", "duplicates = 'oldest'", "one of all, newest, got 'oldest'"),
        ("feeds", "title = 'News'", "text with {topic} and, if you like, {site} in it"),
        ("feeds", "title = '{topic} {year}'", "text with {topic}"),
        ("feeds", "title = '{{topic}}'", "text with {topic}"),
        ("feeds", "title = '{topic!r}'", "text with {topic}"),
        ("feeds", "out = ''", "the path of a folder, got ''"),
        ("records", "path = ' '", "the path of a folder"),
        (
            "records",
            "include = 'news/*'",
            'a list of patterns as .gitignore has them, such as ["news/*"], got',
        ),
        ("records", "exclude = [5]", "a list of patterns"),
        ("records", 'exclude = ["!"]', "a list of patterns as .gitignore has them"),
        ("records", "include = ['a\\']", "a list of patterns as .gitignore has them"),
        ("records", 'include = ["news/*", "[z-a]"]', "a list of patterns as .gitignore has them"),
        ("topics", "include = ['']", "a list of patterns"),
        ("fields", "preset = 'wordpress'", "one of jekyll, hugo, pelican, got 'wordpress'"),
        ("fields", "categories = ['heat']", "a list of category, tags, type, none of them twice"),
        ("fields", "link = '{url}/{secured}/'", "an address with none but {url}, {year}"),
        ("fields", "link = '{url}/{slug'", "an address with none but {url}"),
        ("fields", "title = ''", "the name of a field, got ''"),
        ("fields", "title = ['a', 'b']", "the name of a field"),
    ],
)
def test_a_wrong_value_names_file_line_key_and_what_was_expected(
    table: str, line: str, said: str
) -> None:
    key = line.split(" ")[0]
    start = f"topicast.toml:3: [{table}] {key}: expected {said}"
    assert message(f"# mine\n[{table}]\n{line}\n").startswith(start)


def test_a_long_value_is_cut_at_40_characters() -> None:
    assert "x" * 40 not in message(f'[site]\ntimezone = "{"x" * 100}"\n')
    assert "9" * 41 not in message(f"[feeds]\nlimit = {'9' * 100}\n")
    assert len(message("[feeds]\nformats = [" + "'rss', " * 100 + "]\n")) < 170


def test_a_table_is_a_table() -> None:
    assert message('site = "a"\n') == "topicast.toml:1: site: expected a table [site], got 'a'"
    assert message("[[site]]\n").startswith("topicast.toml:1: site: expected a table [site], got")


@pytest.mark.parametrize("secret", ["secured", "Quality", "heat", "meta.secured", " secured"])
def test_no_field_can_be_read_from_a_secret_one(secret: str) -> None:
    assert "never leaves a record" in message(f'[fields]\nexcerpt = "{secret}"\n')


def test_what_can_be_mapped_is_what_a_record_has() -> None:
    assert set(RECORD_FIELDS) == set(FIELD_NAMES)


@given(st.sampled_from(RECORD_FIELDS))
def test_every_field_can_be_mapped(ours: str) -> None:
    assert load(f'[fields]\n{ours} = "theirs"\n').fields.map == {ours: "theirs"}


# Addresses


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("https://example.org", "https://example.org"),
        ("  HTTPS://Example.ORG//  ", "https://example.org"),
        ("http://example.org:80/a/", "http://example.org/a"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("https://bücher.example/über uns/", "https://xn--bcher-kva.example/%C3%BCber%20uns"),
        ("https://example.org/%c3%bc/100%/", "https://example.org/%C3%BC/100%25"),
        ("http://[2001:DB8::1]:8080/x", "http://[2001:db8::1]:8080/x"),
        ("http://my_host/x", "http://my_host/x"),
    ],
)
def test_an_address_is_normalised(written: str, kept: str) -> None:
    assert load(f'[site]\nbase_url = "{written}"\n').base_url == kept
    assert with_base_url(Config(), written).base_url == kept


@pytest.mark.parametrize(
    "address",
    [
        "example.org",
        "//example.org",
        "/feeds",
        "ftp://example.org",
        "javascript:alert(1)",
        "https://",
        "https:///feeds",
        "https://user:word@example.org",
        "https://example.org?",
        "https://example.org/?a=1",
        "https://example.org/#a",
        "https://example.org:99999",
        "https://example.org:0",
        "https://exa mple.org",
        "https://-a.example",
        "https://a..example",
        "https://[::1",
        "https://[v1.a]",
        "https://example.org/a/../b",
        "https://example.org\\\\b",
        "https://" + "a" * 64 + ".example",
        "https://bü\u2028cher.example",
    ],
)
def test_no_address(address: str) -> None:
    for key in ("url", "base_url"):
        said = message(f'[site]\n{key} = "{address}"\n')
        assert said.startswith(f"topicast.toml:2: [site] {key}: expected an absolute http")
    with pytest.raises(ConfigError, match=r"^--base-url: expected an absolute http"):
        with_base_url(Config(), address)


@pytest.mark.parametrize(
    "address", ["", "https://a.org/\udcff", "https://\udcff", "https://a.o\nrg"]
)
def test_no_address_on_the_command_line(address: str) -> None:
    with pytest.raises(ConfigError, match=r"^--base-url: expected an absolute http"):
        with_base_url(Config(), address)


@given(st.text(max_size=60).map(lambda path: f"https://example.org/{path}") | st.text(max_size=60))
def test_any_address_is_plain_and_stays_as_it_is_once_normalised(text: str) -> None:
    try:
        address = absolute_address(text)
    except ValueError:
        return
    assert re.fullmatch(r"https?://[\x21-\x7e]+[^/]", address)
    assert absolute_address(address) == address


def test_base_url_on_the_command_line_changes_addresses_and_no_id() -> None:
    config = load('[site]\nbase_url = "https://example.org/feeds"\n')
    preview = with_base_url(config, "https://preview.example.com/")
    assert preview.base_url == preview.site_url == "https://preview.example.com"
    assert preview.site == config.site
    assert with_base_url(Config(), "https://preview.example.com").site.base_url == ""


# Folders


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[feeds]\nout = "seeds"\n', "[feeds] out: expected a folder that does not hold the rec"),
        ('[feeds]\nout = "a/../seeds/"\n', "[feeds] out: expected a folder that does not hold"),
        ('[feeds]\nout = "a"\n[records]\npath = "a/b"\n', "[feeds] out: expected a folder that"),
        ('[feeds]\npreview = "seeds"\n', "[feeds] preview: expected a folder that does not hold"),
        (
            '[feeds]\nout = "."\n[records]\npath = "../s"\n',
            "[feeds] out: expected a folder that does not hold the configuration, got '.'",
        ),
        ('[feeds]\nout = "."\n', "[feeds] out: expected a folder that does not hold"),
        ('[feeds]\nout = "/"\n', "[feeds] out: expected a folder that does not hold"),
        ('[feeds]\npreview = "feeds/"\n', "[feeds] preview: expected a folder apart from out"),
        ('[feeds]\npreview = "feeds/p"\n', "[feeds] preview: expected a folder apart from out"),
        ('[feeds]\nout = "preview/f"\n', "[feeds] preview: expected a folder apart from out"),
    ],
)
def test_folders_that_would_hit_each_other(text: str, said: str) -> None:
    assert message(text).startswith(f"topicast.toml: {said}")


def test_a_folder_is_the_same_by_any_name() -> None:
    Path("seeds").mkdir()
    Path("link").symlink_to("seeds")
    assert "out" in message('[feeds]\nout = "link"\n')


def test_folders_are_from_the_configuration_on_and_may_be_beside_it() -> None:
    Path("conf").mkdir()
    Path("conf/topicast.toml").write_text('[feeds]\nout = "../feeds"\npreview = "../preview"\n')
    config = load_config("conf/topicast.toml")
    check_folders(config)
    assert config.feeds.out == "../feeds"
    named = msgspec.structs.replace(config.feeds, out=str(Path("conf/seeds").absolute()))
    with pytest.raises(ConfigError, match="does not hold the records"):
        check_folders(msgspec.structs.replace(config, feeds=named))


def test_the_records_may_be_the_whole_folder() -> None:
    assert load('[records]\npath = "."\n').feeds.out == "feeds"
