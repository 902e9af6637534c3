"""The models of an upstream, asked as its provider type says."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.bootstrap.upstreams.asking import Asker, Reply
from reconciler.provider_types.base import UpstreamRequest
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.provider_types.discovery import OPENAI, Detail, Discovery, Listed, Offered, Read, Unreadable
from reconciler.snapshot.model import Upstream

MOST_DETAILS = 500
"""Models that are asked about one by one; of further ones the name is known."""
AT_ONCE = 8
_DETAIL_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Listing:
    """`reply` is the answer to the last list that was asked for; `found` None where that can't be read, as `problem` says."""

    reply: Reply
    found: Listed | None
    problem: str = ""


def discovery_of(type_name: str) -> Discovery:
    known = PROVIDER_TYPES.get(type_name)
    return (known.discovery if known is not None else None) or OPENAI


async def list_models(asker: Asker, upstream: Upstream, how: Discovery, *, details: bool = False) -> Listing:
    """Tries what tells more first. With `details` each model is asked about, where the type has a way to."""
    usual = upstream.adapter.probe(None)
    for way in how.ways:
        url = way.url(usual.url)
        if url is not None:
            tried = _read(await asker.ask(upstream, usual._replace(url=url)), way.read)
            if tried.found is not None and tried.found.models:
                return tried
            if tried.reply.failure is not None or tried.reply.status in (401, 403):
                return tried
    listing = _read(await asker.ask(upstream, usual), how.read)
    if not details or how.detail is None or listing.found is None:
        return listing
    models = await _detailed(asker, upstream, how.detail, usual, listing.found.models)
    return Listing(listing.reply, listing.found._replace(models=models))


def _read(reply: Reply, read: Read) -> Listing:
    if not reply.good:
        return Listing(reply, None)
    try:
        return Listing(reply, read(reply.body))
    except Unreadable as unreadable:
        return Listing(reply, None, str(unreadable))


async def _detailed(
    asker: Asker, upstream: Upstream, detail: Detail, listing: UpstreamRequest, models: Sequence[Offered]
) -> tuple[Offered, ...]:
    """What can't be had leaves a model as it was."""
    room, url = asyncio.Semaphore(AT_ONCE), detail.url(listing.url)
    if url is None:
        return tuple(models)
    headers = (*listing.headers, ("content-type", "application/json"))

    async def one(model: Offered) -> Offered:
        request = UpstreamRequest("POST", url, headers, detail.body(model))
        async with room:
            reply = await asker.ask(upstream, request, most=_DETAIL_BYTES)
        try:
            return detail.read(model, reply.body) if reply.good else model
        except Unreadable:
            return model

    asked = await asyncio.gather(*(one(model) for model in models[:MOST_DETAILS]))
    return (*asked, *models[MOST_DETAILS:])
