"""What a reviewer would say of manifests that are valid: rules with ids, and comments in files that answer them.

A rule is a pure function over what the files declare. Its row says what it is for, with an example that breaks it and
one that does not: tests run both, and the reference page is made of them. `table` lists every row; the groups of rules
stand in a file each. `run` applies them, `suppressions` reads the comments.
"""
