"""What is asked before something that can't be taken back."""

import click


class Declined(click.ClickException):
    exit_code = 2


def confirm(question: str, *, yes: bool) -> None:
    """Raises Declined unless a person, or `--yes`, says so. Nobody there to answer is a no."""
    if yes:
        return
    try:
        agreed = click.confirm(question, err=True)
    except click.Abort:
        click.echo(err=True)
        agreed = False
    if not agreed:
        raise Declined("declined: nothing was done; --yes answers without being asked")
