"""Options of both commands that take over other systems' configuration."""

from pathlib import Path

import click

from reconciler.control.importing.detecting import FORMS
from reconciler.control.importing.reading import AUTO

form_option = click.option(
    "--from",
    "form",
    type=click.Choice(FORMS),
    default=AUTO,
    show_default=True,
    help="Whose configuration it is: auto looks into each file.",
)
seal_option = click.option(
    "--seal", is_flag=True, help="Write secrets sealed into the manifests. [default: names of variables]"
)
oxide_key_option = click.option(
    "--oxide-key-file",
    "key_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The key of Oxide's database. [default: OXIDE_ENCRYPTION_KEY, else encryption.key beside it]",
)
