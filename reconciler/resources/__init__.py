"""WHAT can be declared.

The kinds are pydantic models, one file each, listed in `scheme`. They describe and check; they do no I/O and know no
store. What travels through the rest of the program are the plain values of `resource` and `state`.
"""
