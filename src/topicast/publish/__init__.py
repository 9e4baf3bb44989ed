"""The only writer: what a build composes → ``Plan`` → the feed tree (specification, section 8).

A build goes through it in this order::

    with locked(out) as lock, Draft(lock) as draft:
        manifest = read_manifest(lock.path)
        guard_preview(manifest, preview=False)
        ...
        announced = announce_tree(lock.path, wanted, unchanged, manifest)
        draft.start(announced)
        draft.put(Composed.of(path, data))  # every file, as it is composed
        published = draft.publish(make_plan(announced, draft.made))

Deciding (``plan``, ``guards``) is pure; ``disk`` looks and never writes; ``writer`` writes and
never decides; ``lock`` keeps a second build out.
"""
