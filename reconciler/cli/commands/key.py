"""routerctl key"""

import click

from reconciler.cli.parts import ListWithParts, parts_alone

_PARTS = {
    "create": "Make a ClientKey with a key, and show that once.",
    "list": "List keys: whose, until when, whether they are accepted.",
    "rotate": "Give a ClientKey another key, and the old ones an end.",
    "revoke": "Refuse a ClientKey, or one of its keys, from now on.",
}


@click.command(
    cls=ListWithParts,
    summaries=_PARTS,
    subcommand_metavar="COMMAND [ARGS]...",
    epilog='Example: routerctl key create search-team --model "gpt-4o*" --limit requestsPerMinute=60',
)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Say who may call the gateway: keys of LLM clients.

    They are asked for once auth.dataPlane of the Settings is keys. What each may do stands in its ClientKey.
    """
    parts_alone(ctx)
