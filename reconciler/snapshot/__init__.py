"""THE CONTRACT between the planes: all that the gateway may know, frozen and fully resolved.

`compile` turns a state into a Snapshot; what a revision did not touch is shared with the snapshot before. `registry`
holds the one in force behind a single pointer; `follower` keeps it at head and keeps the last good one otherwise.
Nothing here writes configuration, and nothing here imports the store: `source` says what a store must offer.
"""
