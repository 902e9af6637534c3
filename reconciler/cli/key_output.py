"""A key of a client, shown once, and its manifest, which holds no more than its hash."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from reconciler.cli.output import TEXT, print_data
from reconciler.clock import timestamp
from reconciler.control.client_ready import key_end
from reconciler.errors import InvalidInput, TimedOut, Unreachable, WorkerRefused
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.secrets.key_text import KeyText

STDOUT = "-"


def show_key(minted: KeyText, key: ResourceKey, output: str = TEXT, *, beside: bool = False) -> None:
    """Alone on stdout, or on stderr where that is something else's; as data, with whose it is, where that is asked for."""
    if output == TEXT:
        click.echo(minted.text, err=beside)
    else:
        client = {"namespace": key.namespace, "clientKey": key.name}
        print_data({**client, "id": minted.id, "key": minted.text}, output)
    click.echo(
        "This was the only time that the key is shown. Send it as Authorization: Bearer, or as x-api-key.",
        err=True,
    )


@contextmanager
def shown_if_stored(minted: KeyText, key: ResourceKey) -> Iterator[None]:
    """It is not lost where it was stored, and then not served as was waited for."""
    try:
        yield
    except (Unreachable, TimedOut, WorkerRefused):
        show_key(minted, key)
        raise


def rotated_lines(
    stored: StoredResource, ending: Collection[str], ends: Mapping[str, float | None], now: float
) -> Iterator[str]:
    """What becomes of the keys that it had; none is said to be accepted where their ClientKey is not."""
    spec = stored.resource.spec
    last = key_end(spec, {})
    if spec.get("enabled") is False or (last is not None and last <= now):
        why = "spec.enabled is false" if spec.get("enabled") is False else "its spec.expires has passed"
        yield f"None of its keys is accepted, this one neither: {why}."
        return
    for each in ending:
        end = ends[each]
        if end is None or end <= now:
            yield f"Its key {each} is accepted no more."
        else:
            yield f"Its key {each} is accepted until {_text(end)}."
    if last is not None:
        yield f"The new one ends with its ClientKey, at {_text(last)}: spec.expires."


def _text(moment: float) -> str:
    return timestamp(datetime.fromtimestamp(moment, UTC))


def save_manifest(text: str, place: str) -> None:
    """Into a new file, or to stdout. Raises InvalidInput."""
    if place == STDOUT:
        click.echo(text, nl=False)
        return
    try:
        with Path(place).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InvalidInput(f"{place} is there already", hint="name a new file") from None
    except OSError as error:
        raise InvalidInput(f"{place} can't be written: {error.strerror}") from None
    click.echo(f"{place} written: commit it, and apply it as other manifests.", err=True)
