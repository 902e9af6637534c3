"""WHAT can be declared.

The kinds are pydantic models, one file each, listed in `specs`. They describe and check; they do no I/O and know no
store. `scheme` knows what they say of each field without importing them. What travels through the rest of the program
are the plain values of `resource` and `state`.
"""
