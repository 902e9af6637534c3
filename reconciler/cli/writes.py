"""Where a command's writes are carried out: on a store of this machine, or by the server that it was given."""

from typing import TYPE_CHECKING

from reconciler.bootstrap.authors import at_this_machine
from reconciler.cli.session import Session
from reconciler.late import late

if TYPE_CHECKING:
    from reconciler.api.writes import Writes
    from reconciler.bootstrap import writes as local
    from reconciler.remote import writes as remote
else:
    local = late("reconciler.bootstrap.writes")
    remote = late("reconciler.remote.writes")


def writes_of(session: Session) -> "Writes":
    if session.is_remote:
        return remote.RemoteWrites(session.connection, session.asked.records.get, session.namespace)
    return local.LocalWrites(
        session.location, session.environ, session.clock, at_this_machine(session.caller)
    )
