"""WHAT IS SO, and was. The only SQL of the program.

State is temporal: a version of a resource is valid from one revision until another; live state is the open end.

Two halves, and a third file beside them:

- `writer` (with `tables`, `engine`; `preparing` and `migrations` before them) is SQLModel, and the only way configuration is written: one
  transaction, one numbered revision, one digest chained to its parent's;
- `reader`, `verify` and `events` speak SQL through the standard library's sqlite3, and never import the other half:
  importing it takes longer than a whole `get`;
- `observations` and `source_status` write what workers saw and how reconciles went into the records' file, and can't
  touch configuration.

Only the values of `records` and of `resources` leave the package. No message of SQLite's does: see `failures`.
"""
