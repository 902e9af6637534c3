"""The context that every verb has above it. click keeps the help option that it makes for the first one."""

import click

from reconciler.cli.main import cli


def root_context() -> click.Context:
    return click.Context(cli, info_name="routerctl", **cli.context_settings)
