from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from topicast.problems import BuildError
from topicast.publish.manifest import MANIFEST, Manifest, digest
from topicast.publish.plan import Found, Kind, Made, Plan, announce, in_question
from topicast.publish.plan import make_plan as plan_of

FOLDER = Found(Kind.FOLDER)


def file(data: bytes) -> Found:
    return Found(Kind.FILE, digest(data), (len(data), 7, 7))


def manifest(complete: bool = True, preview: bool = False, **files: bytes) -> Manifest:
    return Manifest(
        preview, complete, {f"{name}.xml": digest(data) for name, data in files.items()}
    )


def pending(wanted, unchanged, manifest, present, **more) -> Manifest:
    return announce(wanted.keys(), unchanged, manifest, present, **more).pending


def make_plan(wanted, unchanged, manifest, present, **more) -> Plan:
    announced = announce(wanted.keys(), unchanged, manifest, present, **more)
    made = {path: Made(digest(data), len(data)) for path, data in wanted.items()}
    plan = plan_of(announced, made)
    assert plan.encoded == plan.after.encode()
    assert announced.pending.files.keys() >= plan.after.files.keys() | {*plan.remove}
    return plan


def test_a_first_build_writes_everything():
    files = {"topics.json": b"t", "a/rss.xml": b"r"}
    plan = make_plan(files, (), None, {})
    assert list(plan.write) == ["a/rss.xml", "topics.json"]
    assert (plan.keep, plan.remove, plan.settle) == ((), (), True)
    assert plan.after == Manifest(
        False, True, {"a/rss.xml": digest(b"r"), "topics.json": digest(b"t")}
    )
    coming = Manifest(False, False, {"a/rss.xml": "", "topics.json": ""})
    assert pending(files, (), None, {}) == coming


def test_same_bytes_are_kept_others_written_and_the_rest_removed():
    old = manifest(same=b"1", edited=b"1", stays=b"1", gone=b"1", vanished=b"1")
    present = {
        "same.xml": file(b"1"),
        "edited.xml": file(b"by hand"),
        "gone.xml": file(b"even edited"),
        MANIFEST: file(old.encode()),
    }
    wanted = {"same.xml": b"1", "edited.xml": b"1", "new.xml": b"2"}
    plan = make_plan(wanted, {"stays.xml"}, old, present)
    assert plan.write == ("edited.xml", "new.xml")
    assert plan.written == ("edited.xml", "new.xml")
    assert plan.keep == ("same.xml", "stays.xml")
    assert plan.remove == ("gone.xml",)
    assert plan.stats == {"same.xml": (1, 7, 7)}
    assert plan.after == manifest(same=b"1", edited=b"1", stays=b"1", new=b"2")
    coming = Manifest(False, False, old.files | {"new.xml": ""})
    assert pending(wanted, {"stays.xml"}, old, present) == coming
    assert plan.changes


def test_nothing_to_do_is_no_change():
    old = manifest(a=b"1", b=b"1")
    present = {"a.xml": file(b"1"), MANIFEST: file(old.encode())}
    plan = make_plan({"a.xml": b"1"}, {"b.xml"}, old, present)
    assert not plan.changes
    assert plan.written == ()


@pytest.mark.parametrize(
    ("old", "bytes_on_disk"),
    [
        (manifest(complete=False, a=b"1"), None),
        (manifest(preview=True, a=b"1"), None),
        (manifest(a=b"1", vanished=b"1"), None),
        (manifest(a=b"0"), None),
        (manifest(a=b"1"), manifest(a=b"1").encode().replace(b"\n", b"\r\n")),
    ],
)
def test_a_manifest_that_says_or_is_spelled_otherwise_is_settled(old, bytes_on_disk):
    present = {"a.xml": file(b"1"), MANIFEST: file(bytes_on_disk or old.encode())}
    plan = make_plan({"a.xml": b"1"}, (), old, present)
    assert plan.settle and plan.changes
    assert plan.written == (MANIFEST,)
    assert (plan.write, plan.remove) == ((), ())


BODIES = st.dictionaries(st.sampled_from(["a/rss.xml", "b/rss.xml", "rss.xml"]), st.binary())


@given(BODIES, BODIES, BODIES)
def test_whatever_was_there_the_manifest_after_is_what_was_wanted(wanted, listed, there):
    old = Manifest(False, True, {path: digest(data) for path, data in listed.items()})
    present = {path: file(data) for path, data in there.items() if path in listed}
    plan = make_plan(wanted, (), old, present)
    assert plan.after.files == {path: digest(data) for path, data in wanted.items()}
    assert plan.after.complete
    assert {*plan.write, *plan.keep} == wanted.keys()
    assert set(plan.remove) == present.keys() - wanted.keys()
    assert pending(wanted, (), old, present).files.keys() == wanted.keys() | listed.keys()


def test_only_files_of_a_complete_manifest_can_stay_unseen():
    for old in (None, manifest(complete=False, a=b"1"), manifest(b=b"1")):
        with pytest.raises(ValueError, match="complete manifest"):
            make_plan({}, {"a.xml"}, old, {})


def test_what_is_made_must_be_what_was_announced():
    announced = announce({"a.xml"}, (), None, {})
    with pytest.raises(ValueError, match="announced"):
        plan_of(announced, {"b.xml": Made(digest(b"1"), 1)})


def test_what_must_be_looked_at():
    old = manifest(a=b"1", b=b"1", c=b"1")
    assert in_question({"a.xml", "n.xml"}, {"b.xml"}, old) == {"a.xml", "n.xml", "c.xml", MANIFEST}
    assert in_question({"n.xml"}, (), None) == {"n.xml", MANIFEST}


@pytest.mark.parametrize("old", [None, manifest(other=b"1")])
def test_a_strangers_file_in_the_way_is_named_even_if_it_has_the_same_bytes(old):
    present = {"a.xml": file(b"1"), "b.xml": file(b"theirs")}
    with pytest.raises(BuildError, match=r"^a\.xml \(1 more like it\).*--force"):
        make_plan({"a.xml": b"1", "b.xml": b"2"}, (), old, present)
    plan = make_plan({"a.xml": b"1", "b.xml": b"2"}, (), old, present, force=True)
    assert plan.keep == ("a.xml",)
    assert plan.write == ("b.xml",)


def test_a_strangers_file_elsewhere_is_not_touched():
    present = {"cname": file(b"theirs")}
    plan = make_plan({"a.xml": b"1"}, (), manifest(), present)
    assert plan.remove == () and "cname" not in plan.after.files


def test_a_registry_alone_is_taken_over():
    wanted, present = {"topics.json": b"new", "rss.xml": b""}, {"topics.json": file(b"o")}
    assert make_plan(wanted, (), None, present).write == ("rss.xml", "topics.json")
    # It was there: were it lost after a kill, that must be seen.
    coming = {"topics.json": digest(b"o"), "rss.xml": ""}
    assert pending(wanted, (), None, present).files == coming


@pytest.mark.parametrize(
    ("old", "present"),
    [
        (None, {"topics.json": file(b"o"), "rss.xml": file(b"theirs")}),
        (None, {"topics.json": Found(Kind.LINK)}),
        (manifest(rss=b"1"), {"topics.json": file(b"o"), "rss.xml": file(b"1")}),
    ],
)
def test_a_registry_is_not_taken_over_otherwise(old, present):
    with pytest.raises(BuildError, match="--force"):
        make_plan({"topics.json": b"new", "rss.xml": b""}, (), old, present)


@pytest.mark.parametrize("kind", [Kind.LINK, Kind.OTHER])
def test_a_link_or_device_where_a_file_must_go_is_a_strangers_even_if_listed(kind):
    present = {"a.xml": Found(kind)}
    with pytest.raises(BuildError, match=rf"^a\.xml .*{kind}.*--force"):
        make_plan({"a.xml": b"1"}, (), manifest(a=b"1"), present)
    plan = make_plan({"a.xml": b"1"}, (), manifest(a=b"1"), present, force=True)
    assert plan.write == ("a.xml",)
    assert make_plan({}, (), manifest(a=b"1"), present).remove == ()


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("present", "named"),
    [
        ({"a": FOLDER, "a/rss.xml": FOLDER}, "a/rss.xml is a folder"),
        ({"a": file(b"")}, "a is a file"),
        ({"a": Found(Kind.LINK)}, "a is a symbolic link"),
        ({MANIFEST: FOLDER}, "manifest.json is a folder"),
    ],
)
def test_what_no_rename_can_replace_is_refused_with_force_too(present, named, force):
    with pytest.raises(BuildError, match=f"^{named}.*move it away$"):
        make_plan({"a/rss.xml": b"1"}, (), None, present, force=force)


@pytest.mark.parametrize("path", ["../x", ".hidden", "A/rss.xml", "manifest.json", "a/b/c/d"])
def test_a_path_that_could_not_be_read_back_is_not_written(path):
    with pytest.raises(BuildError, match="cannot be published"):
        make_plan({path: b""}, (), None, {})


@pytest.mark.parametrize(("before", "now"), [(True, False), (False, True), (True, True)])
def test_a_tree_that_may_hold_unpublished_text_says_so_until_the_end(before, now):
    old = manifest(preview=before, a=b"1")
    state = {"a.xml": b"2"}, (), old, {"a.xml": file(b"1")}
    assert pending(*state, preview=now, force=True).preview
    plan = make_plan(*state, preview=now, force=True)
    assert plan.after.preview is now
