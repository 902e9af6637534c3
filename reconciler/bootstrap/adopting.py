"""What is needed to bring resources under a source."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.writing import open_present_store
from reconciler.clock import Clock
from reconciler.control.adopt import Adopted, Adopter, adopt, alive
from reconciler.control.intake import user
from reconciler.control.proposal import Wanted, intent_of
from reconciler.control.seal import Sealer
from reconciler.errors import InvalidInput, NotFound
from reconciler.resources.resource import ResourceKey
from reconciler.store.reader import Reader
from reconciler.store.source_status import read
from reconciler.store.url import StoreLocation


@dataclass(frozen=True, slots=True)
class Asked:
    """`wanted` is what the source's files declare; without it, `source` names one that the store knows."""

    keys: Sequence[ResourceKey]
    wanted: Wanted | None
    source: str | None
    force: bool = False
    dry_run: bool = False


def adopt_now(asked: Asked, location: StoreLocation, environ: Mapping[str, str], clock: Clock) -> Adopted:
    """Raises StoreMissing, NotFound, Refused and InvalidInput."""
    with open_present_store(location, environ, clock, sealing=False) as store:
        if asked.wanted is None:
            to = _known(asked.source or "", store.reader)
        else:
            if asked.wanted.source is None:
                raise InvalidInput("stdin has no source", hint="give --source NAME with manifests from stdin")
            sealer = Sealer(
                store.reader, load_cipher(location, environ, store.reader)
            )  # to compare: nothing is kept
            declares = intent_of(asked.wanted, store.reader.state(), sealer).declarations
            to = Adopter(asked.wanted.source.name, declares)
        kept_up = () if asked.force else alive(read(location.records_path), clock.now())
        committer = None if asked.dry_run else store.writer
        return adopt(asked.keys, to, store.reader, committer, clock, actor=user(), kept_up=kept_up)


def _known(source: str, reader: Reader) -> Adopter:
    known = sorted(reader.sources())
    if source not in known:
        raise NotFound(
            f"the store knows no source {source}",
            hint=f"known are: {', '.join(known) or 'none'}; a new one adopts with -f and its manifests",
        )
    return Adopter(source)
