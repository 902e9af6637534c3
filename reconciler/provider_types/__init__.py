"""How upstreams are spoken to. One file a provider type: its config model and its adapter, side by side.

An adapter turns a client's request into the upstream's and does no I/O: bytes in, bytes out. `catalog` is the one
explicit table of types; nothing registers itself by being imported. In the union of all config models one name has one
type and one meaning.
"""
