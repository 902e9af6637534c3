"""What is needed to bring resources under a source."""

from collections.abc import Mapping

from reconciler.api.writes import Adoption
from reconciler.bootstrap.authors import Author
from reconciler.bootstrap.ciphers import cipher_at_hand
from reconciler.bootstrap.writing import open_present_store
from reconciler.clock import Clock
from reconciler.control.adopt import Adopted, Adopter, adopt, alive
from reconciler.control.foreign_secrets import check_kept
from reconciler.control.proposal import intent_of
from reconciler.control.seal import Sealer
from reconciler.errors import InvalidInput, NotFound
from reconciler.store.reader import Reader
from reconciler.store.source_status import read
from reconciler.store.url import StoreLocation


def adopt_now(
    asked: Adoption, location: StoreLocation, environ: Mapping[str, str], clock: Clock, author: Author
) -> Adopted:
    """Raises StoreMissing, NotFound, Refused and InvalidInput."""
    with open_present_store(location, environ, clock, sealing=False, caller=author.caller) as store:
        if asked.wanted is None:
            to = _known(asked.source or "", store.reader)
        else:
            if asked.wanted.source is None:
                raise InvalidInput("stdin has no source", hint="give --source NAME with manifests from stdin")
            sealer = Sealer(
                store.reader, cipher_at_hand(location, environ, store.reader)
            )  # to compare: nothing is kept
            declares = intent_of(asked.wanted, store.reader.state(), sealer).declarations
            to = Adopter(asked.wanted.source.name, declares)
        kept_up = () if asked.force else alive(read(location.records_path), clock.now())
        committer = None if asked.dry_run else store.writer
        return adopt(
            asked.keys,
            to,
            store.reader,
            committer,
            clock,
            actor=author.actor,
            kept_up=kept_up,
            check=lambda claims: check_kept(author.caller, claims),
        )


def _known(source: str, reader: Reader) -> Adopter:
    known = sorted(reader.sources())
    if source not in known:
        raise NotFound(
            f"the store knows no source {source}",
            hint=f"known are: {', '.join(known) or 'none'}; a new one adopts with -f and its manifests",
        )
    return Adopter(source)
