"""Calls of tools written as text, for models that know of no others: what they are told, and how what they write is read.

A call is an element with the tool's name, its arguments are elements with theirs. Only what a request declares is ever a
call. Pure, and above nothing but the rest of `protocol`.
"""
