"""HOW a command changes single resources: `patch`, `label`, `annotate`, `edit`, `delete`. One way for all of them.

    write     stored → changes → Plan → one revision, or none; `rehearse` is the same without writing
    changes   what becomes of each resource that is named
    rewriting one of them: rewritten, checked as a manifest is, secrets sealed, and who owns what then
    creation  one that is made, alone or beside changes of others
    written   what a rewrite may not touch: identity, and what the system writes
    labelling, editing   rewrites that labels and an editor ask for

Nobody can object to such a write: who makes it owns what it changes (Kubernetes' operation Update), and the next apply
of a source that declares another value finds a conflict.
"""
