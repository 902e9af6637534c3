"""Writing to a store on this machine: for who works here, and for a principal who asks the management listener.

The rules are the same for both. What a principal may is asked before anything of the store is told, and of the changes
themselves again as they are committed (`writing.Committer`).
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from reconciler.api.writes import (
    IMPORT,
    Adoption,
    Change,
    Changed,
    Grant,
    Granted,
    Imported,
    Planned,
    Reloading,
    Reset,
)
from reconciler.bootstrap import permitting
from reconciler.bootstrap.authors import Author
from reconciler.bootstrap.ciphers import cipher_at_hand
from reconciler.bootstrap.reading import open_reader, open_reader_if_any
from reconciler.bootstrap.writing import OpenStore, open_present_store, open_store, open_writer
from reconciler.clock import Clock, timestamp
from reconciler.control.apply import Applied, apply
from reconciler.control.considering import Considered, consider
from reconciler.control.foreign_secrets import check_kept, check_sealed
from reconciler.control.manager_name import manager_name
from reconciler.control.nothing import NoRecords
from reconciler.control.outcome import Broken
from reconciler.control.permission import check_manager, require
from reconciler.control.proposal import Proposal, Wanted
from reconciler.control.review import Review, review_now
from reconciler.errors import Forbidden, NotFound
from reconciler.late import late
from reconciler.resources.principal import Role
from reconciler.resources.resource import ResourceKey, source_manager
from reconciler.store.reader import Reader
from reconciler.store.records import Hold, RevisionMeta
from reconciler.store.tokens import Token
from reconciler.store.url import StoreLocation

if TYPE_CHECKING:
    from reconciler.bootstrap import (
        adopting,
        backups,
        planning,
        provider_resets,
        reload_requests,
        token_grants,
    )
    from reconciler.control import rollback as rolling
    from reconciler.control.adopt import Adopted
    from reconciler.control.egress import CutOff
    from reconciler.control.imperative import creation
    from reconciler.control.imperative import write as imperative
    from reconciler.control.plan.artefact import Artefact, InputFile
    from reconciler.control.planned import apply as planned
    from reconciler.control.planned import managers
else:
    adopting = late("reconciler.bootstrap.adopting")
    backups = late("reconciler.bootstrap.backups")
    planning = late("reconciler.bootstrap.planning")
    provider_resets = late("reconciler.bootstrap.provider_resets")
    reload_requests = late("reconciler.bootstrap.reload_requests")
    token_grants = late("reconciler.bootstrap.token_grants")
    rolling = late("reconciler.control.rollback")
    creation = late("reconciler.control.imperative.creation")
    imperative = late("reconciler.control.imperative.write")
    planned = late("reconciler.control.planned.apply")
    managers = late("reconciler.control.planned.managers")


class LocalWrites:
    """Fits api.writes.Writes."""

    def __init__(
        self, location: StoreLocation, environ: Mapping[str, str], clock: Clock, author: Author
    ) -> None:
        self._location = location
        self._environ = environ
        self._clock = clock
        self._author = author
        self._who = author.caller

    # -- manifests -----------------------------------------------------------------------------------------------------

    def consider(
        self, wanted: Wanted, manager: str | None, *, stranding: bool = True, writing: bool = False
    ) -> Considered:
        wanted = self._writable(wanted, manager) if writing else self._readable(wanted, manager)
        with self._reader_if_any() as reader, self._unseen_is_forbidden():
            cipher = cipher_at_hand(self._location, self._environ, reader)
            new_key = not (reader is not None and reader.holds_sealed())
            now = timestamp(self._clock.now())
            found = consider(
                wanted, reader or NoRecords(), cipher, now=now, stranding=stranding, new_key=new_key
            )
        permitting.check_plan(self._who, found.proposal.plan)
        if writing:
            self._permit(found.proposal)
            permitting.check_edits(self._who, found.proposal.plan, wanted.manager)
        return permitting.seen_by(self._who, found)

    def apply(self, wanted: Wanted, manager: str | None, message: str) -> Applied:
        return self._applied(self._writable(wanted, manager), message)

    def _applied(self, wanted: Wanted, message: str, operation: str = "apply") -> Applied:
        with self._store(new_key=wanted.wants_a_key) as store, self._unseen_is_forbidden():
            done = apply(
                wanted,
                store.reader,
                store.writer,
                store.cipher,
                self._clock,
                self._meta_of(wanted, message, operation),
                permit=self._permit,
            )
        if self._who.namespaces is None:
            return done
        seen = permitting.plan_seen_by(self._who, done.proposal.plan)
        return replace(done, proposal=replace(done.proposal, plan=seen))

    def apply_import(self, wanted: Wanted, message: str) -> Imported:
        permitting.check_everywhere(self._who)
        wanted = self._writable(wanted, None)
        considered = self.consider(wanted, None)
        considered.check()
        backup = None
        if not considered.proposal.plan.empty and self._location.config_path.exists():
            backup = str(backups.before_import(self._location, self._clock, self._who))
        return Imported(self._applied(wanted, message, IMPORT), backup)

    def plan(self, wanted: Wanted, manager: str | None, inputs: "Sequence[InputFile]") -> Planned:
        wanted = self._readable(wanted, manager)
        with self._reader_if_any() as reader, self._unseen_is_forbidden():
            made = planning.plan(wanted, inputs, reader, self._location, self._environ, self._clock)
        permitting.check_plan(self._who, made.artefact.plan)
        considered = permitting.seen_by(self._who, made.considered)
        artefact = replace(made.artefact, plan=considered.proposal.plan, impact=considered.review.impact)
        return Planned(considered, artefact)

    def apply_plan(self, artefact: "Artefact", message: str) -> "planned.AppliedPlan":
        self._may_apply_plan(artefact)
        with self._store() as store:
            return planned.apply(
                artefact, store.reader, store.writer, store.cipher, actor=self._author.actor, message=message
            )

    def adopt(self, asked: Adoption) -> "Adopted":
        permitting.check_keys(self._who, asked.keys)
        if self._author.remote:
            require(self._who, Role.VIEWER if asked.dry_run else Role.OPERATOR)
            if asked.wanted is not None:
                asked = replace(asked, wanted=self._readable(asked.wanted, None))
            source = asked.source if asked.wanted is None else _source_name(asked.wanted)
            if source is not None and not asked.dry_run:
                check_manager(self._who, source_manager(source))
        return adopting.adopt_now(asked, self._location, self._environ, self._clock, self._author)

    # -- single resources, and the way back ----------------------------------------------------------------------------

    def change(self, change: Change) -> Changed:
        manager = self._manager(change.manager, self._author.own)
        permitting.check_keys(self._who, change.rewrites)
        require(self._who, Role.VIEWER if change.dry_run else Role.OPERATOR)
        check_manager(self._who, manager)
        writing = imperative.Writing(change.rewrites, manager, change.ignore_missing, check=self._permit)
        if change.dry_run:
            return Changed(self._rehearsed(writing, change))
        meta = RevisionMeta(
            self._author.actor, change.verb, message=change.message, manager=self._named(manager)
        )
        with self._changing(change) as store:
            done = imperative.write(writing, store.reader, store.writer, store.cipher, self._clock, meta)
        return Changed(done.proposal, done.revision)

    def way_back(self, target: int, only: frozenset[ResourceKey]) -> Review:
        permitting.check_keys(self._who, only)
        with open_reader(self._location) as reader:
            plan = rolling.way_back(reader, target, only)
            permitting.check_plan(self._who, plan)
            return review_now(plan, reader)

    def rollback(self, target: int, only: frozenset[ResourceKey], message: str) -> "rolling.RolledBack":
        require(self._who, Role.OPERATOR)
        permitting.check_keys(self._who, only)
        said = f"rollback of {', '.join(str(key) for key in sorted(only))}" if only else "rollback"
        meta = RevisionMeta(self._author.actor, "rollback", message=message or f"{said} to revision {target}")
        with self._present(sealing=False) as store:
            return rolling.rollback(store.reader, store.writer, target, meta, only)

    def resume(self, source: str) -> tuple[Hold, ...]:
        require(self._who, Role.OPERATOR)
        with open_reader(self._location) as reader:
            every = reader.holds()
        permitting.check_keys(self._who, (hold.key for hold in every if hold.source == source))
        if not any(hold.source == source for hold in every):
            held = sorted({hold.source for hold in every if self._who.sees(hold.key.namespace)})
            known = f"something is held against: {', '.join(held)}" if held else "no rollback holds anything"
            raise NotFound(f"nothing is held against {source}", hint=known)
        with closing(open_writer(self._location, self._clock, self._who)) as writer:
            return writer.release_holds(source=source)

    # -- who may ask, and who serves -----------------------------------------------------------------------------------

    def tokens(self) -> tuple[Token, ...]:
        return token_grants.listed(self._location, self._who)

    def first_cuts_off(self) -> "CutOff | None":
        return token_grants.first_cuts_off(self._location, self._who)

    def create_token(self, grant: Grant) -> Granted:
        return token_grants.create(grant, self._location, self._clock, self._who, self.change)

    def revoke_tokens(self, names: Sequence[str]) -> tuple[Token, ...]:
        return token_grants.revoke(names, self._location, self._clock, self._who)

    def reset_providers(self, keys: Sequence[ResourceKey]) -> Reset:
        require(self._who, Role.OPERATOR)
        permitting.check_keys(self._who, keys)
        return provider_resets.reset(keys, self._location, self._clock, self._who)

    def ask_reload(self) -> tuple[int, Reloading]:
        require(self._who, Role.OPERATOR)
        permitting.check_everywhere(self._who)
        return reload_requests.ask(self._location, self._clock, self._who)

    def reloading(self) -> Reloading:
        require(self._who, Role.OPERATOR)
        return reload_requests.look(self._location, self._clock)

    # -- what they have in common --------------------------------------------------------------------------------------

    def _readable(self, wanted: Wanted, manager: str | None) -> Wanted:
        """Under the name that it is to be managed as. Raises Forbidden for what is not to be seen."""
        permitting.check_keys(self._who, wanted.declared)
        default = wanted.source.manager if wanted.source is not None else self._author.own
        return replace(wanted, manager=self._manager(manager, default))

    def _writable(self, wanted: Wanted, manager: str | None) -> Wanted:
        require(self._who, Role.OPERATOR)
        wanted = self._readable(wanted, manager)
        check_manager(self._who, wanted.manager)
        permitting.check_source(self._who, wanted)
        return wanted

    def _manager(self, asked: str | None, default: str) -> str:
        if asked is None:
            return default
        lent = asked in self._who.managers
        return manager_name(asked, {asked} if lent else {default, self._author.own})

    def _named(self, manager: str) -> str | None:
        """For the audit; at this machine it goes without saying, unless it is another's name."""
        return manager if self._author.remote or manager != self._author.own else None

    def _permit(self, proposal: Proposal) -> None:
        permitting.check_proposal(self._who, proposal)

    def _may_apply_plan(self, artefact: "Artefact") -> None:
        who = self._who
        require(who, Role.OPERATOR)
        permitting.check_plan(who, artefact.plan)
        if who.is_local:
            return
        for manager in (artefact.manager, *map(source_manager, artefact.names)):
            check_manager(who, manager)
        managers.check_managers(artefact)
        permitting.check_keys(who, (hold.key for hold in artefact.holds))
        permitting.check_keys(who, (key for key, _ in artefact.plan.releases))
        check_sealed(who, artefact.plan.changes, {entry.id for entry in artefact.seals})
        check_kept(who, artefact.plan.edits)

    def _meta_of(self, wanted: Wanted, message: str, operation: str) -> RevisionMeta:
        source = wanted.source
        return RevisionMeta(
            actor=self._author.actor,
            operation=operation,
            source=source.name if source is not None else None,
            commit=source.commit if source is not None else None,
            dirty=source.dirty if source is not None else False,
            message=message,
        )

    def _rehearsed(self, writing: "imperative.Writing", change: Change) -> Proposal:
        makes = any(isinstance(each, creation.Creation) for each in change.rewrites.values())
        opened = self._reader_if_any() if makes else open_reader(self._location)
        with opened as reader:
            cipher = cipher_at_hand(self._location, self._environ, reader) if change.sealing else None
            new_key = not (reader is not None and reader.holds_sealed())
            now = timestamp(self._clock.now())
            return imperative.rehearse(writing, reader or NoRecords(), cipher, now=now, new_key=new_key)

    @contextmanager
    def _changing(self, change: Change) -> Iterator[OpenStore]:
        """The store is made where there is none and something is to be made in it."""
        if any(isinstance(each, creation.Creation) for each in change.rewrites.values()):
            opened = self._store(new_key=change.sealing)
        else:
            opened = self._present(sealing=change.sealing)
        with opened as store:
            yield store

    @contextmanager
    def _store(self, *, new_key: bool = True) -> Iterator[OpenStore]:
        with open_store(
            self._location, self._environ, self._clock, new_key=new_key, caller=self._who
        ) as store:
            yield store

    @contextmanager
    def _present(self, *, sealing: bool) -> Iterator[OpenStore]:
        with open_present_store(
            self._location, self._environ, self._clock, sealing=sealing, caller=self._who
        ) as store:
            yield store

    @contextmanager
    def _reader_if_any(self) -> Iterator[Reader | None]:
        with open_reader_if_any(self._location) or nullcontext() as reader:
            yield reader

    @contextmanager
    def _unseen_is_forbidden(self) -> Iterator[None]:
        try:
            yield
        except Broken as error:
            if permitting.hidden(self._who, error):
                raise Forbidden(f"{self._who.name} may not change what others refer to") from None
            raise


def _source_name(wanted: Wanted) -> str | None:
    return wanted.source.name if wanted.source is not None else None
