"""--save DIR: a change goes into the manifests in git, instead of the store or as well; so a fix at night becomes a commit."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TypeVar, cast

import click

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Saving:
    """Where a change goes: into the store, or with `folder` into the manifests below it; with `apply` into both."""

    folder: str | None = None
    apply: bool = False
    public_key: Path | None = None

    @property
    def stores(self) -> bool:
        """Whether the store is changed."""
        return self.folder is None or self.apply


STORE = Saving()


def save_options(command: F) -> F:
    """--save, --apply and --public-key, as one argument `saving`."""

    @wraps(command)
    def with_saving(
        *arguments: object, save: str | None, apply: bool, public_key: Path | None, **named: object
    ) -> object:
        if save is None and (apply or public_key is not None):
            raise click.UsageError("--apply and --public-key go with --save DIR")
        return command(*arguments, saving=Saving(save, apply, public_key), **named)

    wrapped: Callable[..., object] = with_saving
    for option in (
        click.option(
            "--public-key",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="With --save: what a secret that is typed is sealed to. [default: the key at hand]",
        ),
        click.option("--apply", is_flag=True, help="With --save: change the store as well."),
        click.option(
            "--save",
            metavar="DIR",
            help="Write the change into the manifests below DIR, to be committed, instead of the store.",
        ),
    ):
        wrapped = option(wrapped)
    return cast("F", wrapped)
