"""Tokens of the management listener: made, listed and revoked, for who may give what they give."""

from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext

from reconciler.api.writes import Change, Changed, Grant, Granted
from reconciler.bootstrap.reading import open_reader, open_reader_if_any
from reconciler.bootstrap.writing import open_writer
from reconciler.clock import Clock, timestamp
from reconciler.control.egress import CutOff, cut_off
from reconciler.control.kept_providers import keeping
from reconciler.control.permission import check_grant, check_token_name, require
from reconciler.errors import NotFound, Refused
from reconciler.resources.principal import Principal, Role
from reconciler.secrets.key_text import mint
from reconciler.store.tokens import Token, tokens
from reconciler.store.url import StoreLocation

KEEP = "keep the providers that a token would cut off"


def create(
    grant: Grant,
    location: StoreLocation,
    clock: Clock,
    who: Principal,
    change: Callable[[Change], Changed],
) -> Granted:
    """`change` writes what keeps the Providers. Raises Forbidden, InvalidInput for a name that is none, and Refused."""
    now, minted = clock.now(), mint("rt")
    token = Token(
        minted.id,
        check_token_name(grant.name),
        minted.hash,
        grant.role,
        tuple(sorted(set(grant.managers))),
        tuple(sorted(set(grant.namespaces))) if grant.namespaces is not None else None,
        timestamp(now),
        who.name,
        grant.expires,
    )
    check_grant(who, token.role, token.managers, token.namespaces)
    allowed = _kept(grant, first_cuts_off(location, who), change)
    with closing(open_writer(location, clock, who)) as writer:
        writer.add_token(token)
    return Granted(token, minted.text, allowed)


def listed(location: StoreLocation, who: Principal) -> tuple[Token, ...]:
    """Those that `who` could have made."""
    require(who, Role.ADMIN)
    with open_reader(location) as reader:
        return tuple(token for token in tokens(reader) if _within(who, token))


def revoke(names: Sequence[str], location: StoreLocation, clock: Clock, who: Principal) -> tuple[Token, ...]:
    there = listed(location, who)
    found = tuple(_find(name, there) for name in names)
    with closing(open_writer(location, clock, who)) as writer:
        for token in found:
            writer.revoke_token(token)
    return found


def first_cuts_off(location: StoreLocation, who: Principal) -> CutOff | None:
    """What the first token would cut off; None where there was one before."""
    require(who, Role.ADMIN)
    with open_reader_if_any(location) or nullcontext() as reader:
        return None if reader is None or reader.guarded() else cut_off(reader.state())


def _kept(grant: Grant, found: CutOff | None, change: Callable[[Change], Changed]) -> int | None:
    if found is None or not found.providers or grant.keep is False:
        return None
    if grant.keep is None:
        raise Refused(
            "\n".join(
                [
                    "the first token would cut off Providers:",
                    *(f"  {key}: {reason}" for key, reason in found.providers.items()),
                ]
            ),
            hint=f"say whether they are kept: {', '.join(found.lines)} in Settings.egress.allow",
        )
    done = change(Change("token create", keeping(found.entries), message=KEEP))
    return done.revision.number if done.revision is not None else None


def _within(who: Principal, token: Token) -> bool:
    return who.namespaces is None or (
        token.namespaces is not None and who.namespaces.issuperset(token.namespaces)
    )


def _find(name: str, there: Sequence[Token]) -> Token:
    """The active one of a name: those before it may have had the same."""
    fitting = [token for token in there if name in {token.id, token.name}]
    if not fitting:
        raise NotFound(f'no token "{name}"', hint="they are listed by", command="token list --all")
    return next((token for token in fitting if token.revoked is None), fitting[-1])
