"""Asks providers for their models, and proposes what would serve them. The asking is here, what is made of it in control.model_sync."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from reconciler.bootstrap.upstreams.asking import Asker, asking
from reconciler.bootstrap.upstreams.building import Site, Surroundings, site
from reconciler.bootstrap.upstreams.listing import Listing, discovery_of, list_models
from reconciler.bootstrap.upstreams.words import failed, masks_of, of_status, unauthorised
from reconciler.control.manifest.printable import printable
from reconciler.control.model_sync import Choice, Proposer, Synced
from reconciler.errors import NotFound, one_line
from reconciler.provider_types.discovery import Listed
from reconciler.resources.resource import ResourceKey, StoredResource

SECONDS = 30.0
"""For each request."""
ALL_SECONDS = 300.0
"""For all of a provider's."""
AT_ONCE = 8


def sync_models(
    around: Surroundings,
    namespace: str,
    names: Sequence[str],
    choice: Choice,
    *,
    seconds: float = SECONDS,
    told: Callable[[int, int], None] = lambda _done, _all: None,
) -> tuple[Synced, ...]:
    """Of the Providers of these names; without any of all that are enabled. Blocks; bounded in time and size. `told` how
    many answered, of how many, whenever one did.

    Raises NotFound for a name that no Provider has, and StoreError; what providers do is told in what it gives.
    """
    here = site(around)
    providers = _chosen(here, namespace, names)
    answers = asyncio.run(_asked(around, here, providers, seconds, told))
    proposer = Proposer(here.state, namespace)
    return tuple(
        _proposed(proposer, provider, answer, choice)
        for provider, answer in zip(providers, answers, strict=True)
    )


def _chosen(here: Site, namespace: str, names: Sequence[str]) -> list[StoredResource]:
    there = {
        key.name: stored
        for key, stored in sorted(here.state.items())
        if (key.kind, key.namespace) == ("Provider", namespace) and not stored.resource.terminating
    }
    missing = [name for name in names if name not in there]
    if missing:
        hint = f"there is {', '.join([*there][:20])}" if there else "there is none"
        raise NotFound(
            f"no Provider is called {printable(', '.join(missing))}",
            hint=f"{hint} in the namespace {printable(namespace)}",
        )
    if names:
        return [there[name] for name in dict.fromkeys(names)]
    return [stored for stored in there.values() if stored.resource.spec.get("enabled") is not False]


async def _asked(
    around: Surroundings,
    here: Site,
    providers: Sequence[StoredResource],
    seconds: float,
    told: Callable[[int, int], None],
) -> list[Listed | str]:
    room, answered = asyncio.Semaphore(AT_ONCE), 0
    async with asking(around.environ, here.policy, listeners=around.listeners, seconds=seconds) as asker:

        async def one(provider: StoredResource) -> Listed | str:
            nonlocal answered
            async with room:
                answer = await _ask(asker, here, provider)
            answered += 1
            told(answered, len(providers))
            return answer

        told(0, len(providers))
        return [*await asyncio.gather(*(one(provider) for provider in providers))]


async def _ask(asker: Asker, here: Site, provider: StoredResource) -> Listed | str:
    """What it lists, or why it does not."""
    built = here.build(provider)
    if built.upstream is None or built.refusal is not None:
        return one_line(built.refusal.reason) if built.refusal is not None else "it can't be built"
    try:
        async with asyncio.timeout(ALL_SECONDS):
            how = discovery_of(str(provider.resource.spec.get("type")))
            listing = await list_models(asker, built.upstream, how, details=True)
    except TimeoutError:
        return f"its models could not be had within {ALL_SECONDS:g} s"
    if listing.found is not None:
        return listing.found
    if listing.reply.good:
        return listing.problem
    return _words(listing) or of_status(listing.reply, masks_of(built.upstream))


def _words(listing: Listing) -> str | None:
    reply = listing.reply
    if reply.failure is not None:
        meaning = failed(reply)
    elif reply.status in (401, 403):
        meaning = unauthorised(reply, keyed=True)
    else:
        return None
    return f"{meaning.message}; {meaning.hint}" if meaning.hint else meaning.message


def _proposed(proposer: Proposer, provider: StoredResource, answer: Listed | str, choice: Choice) -> Synced:
    key = provider.key
    if isinstance(answer, str):
        return Synced(ResourceKey(*key), problem=answer)
    found = proposer.propose(key.name, answer.models, choice, more=answer.more)
    return replace(found, unusable=answer.unusable)
