"""Manifest files changed in place: the only part that reads with ruamel's round-trip loader.

The loader tells where each value stands; what differs is spliced into the text, and every other character stays as its
author wrote it. A text that was changed is read again by our own reader and must declare just what was wanted: else it
is refused, with its place. The road: `folder` (what the files declare, what the store holds) -> `wanted` (what a document
should declare) -> `text` (documents of a file) -> `patch` (one document) -> `write`.
"""
