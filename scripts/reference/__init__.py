"""The pages of docs/reference/, made of what the program knows. Not part of what is installed.

A page is a module with a function `page`, and a line in `pages`. `make docs` writes them all; a test holds them equal.
"""
