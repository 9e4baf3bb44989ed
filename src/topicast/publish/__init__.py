"""The only writer: what a build composed → ``Plan`` → the feed tree (specification, section 8).

A build goes through it in this order::

    with locked(out) as lock:
        manifest = read_manifest(lock.path)
        guard_preview(manifest, preview=False)
        ...
        plan = plan_tree(lock.path, wanted, unchanged, manifest)
        published = carry_out(plan, lock)

Deciding (``plan``, ``guards``) is pure; ``disk`` looks and never writes; ``writer`` writes and
never decides; ``lock`` keeps a second build out.
"""
