"""Manifest files to plain values, and back.

The road: `files` (bytes of files, folders, stdin) -> `reader` (Documents: data and where it stands). The data comes from
parser events in one pass, `constructor`; places are found again on demand by `locator`, so the good case pays nothing.
All that is wrong comes back as Problems with a place; nothing here raises on bad content, and no value of a document
is ever part of a message: it could be a secret.
"""
