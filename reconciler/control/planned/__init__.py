"""A plan that was kept: what was reviewed is what is applied, or nothing is. It is never planned again.

    keep       a proposal → the artefact that `plan --out` writes
    integrity  whether an artefact is one that could have been made
    ground     whether what it was planned from, and what it relies on, still stands
    apply      an artefact → a revision, or a refusal that names each reason

Nothing is locked between the two.
"""
