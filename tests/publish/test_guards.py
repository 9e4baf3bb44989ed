from __future__ import annotations

import pytest

from topicast.problems import BuildError
from topicast.publish.guards import guard_preview, guard_registry, guard_shrink
from topicast.publish.manifest import Manifest, digest

D = digest(b"")
LIVE, PREVIEW = Manifest(False, True, {}), Manifest(True, True, {})


@pytest.mark.parametrize(
    ("usable", "registered"), [(0, 9), (5, 10), (50, 100), (11, 0), (51, 101), (0, 0)]
)
def test_a_tree_may_shrink_to_half_and_a_small_one_to_nothing(usable, registered):
    guard_shrink(usable, registered, allowed=False)


@pytest.mark.parametrize(("usable", "registered"), [(0, 10), (4, 10), (49, 100), (50, 101)])
def test_fewer_than_half_is_refused_unless_allowed(usable, registered):
    with pytest.raises(BuildError, match=f"{usable} usable.*{registered} entries.*--allow-shrink"):
        guard_shrink(usable, registered, allowed=False)
    guard_shrink(usable, registered, allowed=True)


@pytest.mark.parametrize(
    ("manifest", "preview", "why"), [(LIVE, True, "public feeds"), (PREVIEW, False, "a preview")]
)
def test_a_preview_and_public_feeds_never_take_each_others_place(manifest, preview, why):
    with pytest.raises(BuildError, match=f"{why}.*--force"):
        guard_preview(manifest, preview=preview)
    guard_preview(manifest, preview=preview, force=True)
    guard_preview(manifest, preview=not preview)
    guard_preview(None, preview=preview)


def test_a_lost_registry_is_not_guessed_anew():
    lost = Manifest(False, True, {"topics.json": D})
    with pytest.raises(BuildError, match=r"topics\.json is missing.*--force"):
        guard_registry(lost, registry_exists=False)
    guard_registry(lost, registry_exists=False, force=True)
    guard_registry(lost, registry_exists=True)
    guard_registry(None, registry_exists=False)
    guard_registry(LIVE, registry_exists=False)


def test_a_registry_that_was_only_announced_is_not_lost():
    guard_registry(Manifest(False, False, {"topics.json": ""}), registry_exists=False)
    with pytest.raises(BuildError):
        guard_registry(Manifest(False, False, {"topics.json": D}), registry_exists=False)
