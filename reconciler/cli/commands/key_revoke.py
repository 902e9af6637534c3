"""routerctl key revoke"""

import click

from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked, write_options
from reconciler.cli.writing import carry_out
from reconciler.cli.written_output import Words
from reconciler.control.client_keys import KIND, refused, without_key
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey


@click.command(epilog="Example: routerctl key revoke search-team 0aZ4kQ81mTq2 --wait")
@click.argument("name")
@click.argument("key_id", metavar="[ID]", required=False)
@write_options
@click.pass_obj
def command(session: Session, name: str, key_id: str | None, asked: Asked) -> None:
    """Refuse a ClientKey from now on, or one of its keys, by the id that `key list` tells.

    It takes effect within a second, on open connections too; streams that are under way with it are ended. A source that
    declares it otherwise finds a conflict. It stays, so that records and history can be read; delete takes it away.
    """
    key = ResourceKey(KIND, session.namespace or DEFAULT_NAMESPACE, name)
    rewrite = refused if key_id is None else without_key(name, key_id)
    carry_out(session, "key revoke", {key: rewrite}, asked, Words("revoked", "revoked (no change)"))
