"""Bytes to and from upstreams: the only I/O of the data plane towards providers.

The boundary is callback-shaped, so that the same dispatch can be driven by a library today and by protocol callbacks
on the hot path: `open(request, sink) -> Exchange`.
"""
