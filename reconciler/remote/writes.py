"""Writes that a server carries out, in the name of who asks: what is asked travels, and what came of it comes back."""

from reconciler.remote.manifest_writes import RemoteManifestWrites
from reconciler.remote.object_writes import RemoteObjectWrites
from reconciler.remote.people_writes import RemotePeopleWrites
from reconciler.remote.returning import RemoteReturns


class RemoteWrites(RemoteObjectWrites, RemoteManifestWrites, RemoteReturns, RemotePeopleWrites):
    """Fits api.writes.Writes."""
