"""What a gateway that is started here, with this environment and these flags, would refuse; and odd base URLs."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.finding import ok
from reconciler.bootstrap.provider_builds import WorkerBuilder
from reconciler.control.credentials_valid import EXPIRES_SOON, credentials_valid
from reconciler.errors import NotTrusted, SecretError, one_line
from reconciler.resources.resource import StoredResource
from reconciler.resources.state import State
from reconciler.settings import Reach
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY
from reconciler.snapshot.model import Refusal, Snapshot
from reconciler.snapshot.stored_provider import config_of
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

_ENDPOINT = re.compile(r"/(chat/completions|completions|embeddings|responses|messages|models)/?")
_AS_WRITTEN = "openai-compatible"
"""The type whose requests go below the base URL as it stands: others, those of packages too, know their paths."""
_SECRETS = frozenset({SecretError.reason, NotTrusted.reason})


def built(
    location: StoreLocation, reader: Reader, state: State, reach: Reach, environ: Mapping[str, str]
) -> Snapshot:
    """The snapshot that a worker would have, but for builds of earlier revisions: they would hide what is wrong now."""
    builder = WorkerBuilder(location, reader, reach, environ, lambda _: None, quiet=True)
    return compiler.compile(
        EMPTY, [*state.items()], state.revision, builder, guarded=reader.guarded()
    ).snapshot


def provider_findings(
    state: State, snapshot: Snapshot, now: float, *, served: bool = False
) -> Iterator[Finding]:
    """`now` in seconds since the epoch. served: a server looks at itself, not somebody's shell."""
    providers = [stored for key, stored in state.items() if key.kind == "Provider"]
    yield from (_refused(refusal, served=served) for refusal in snapshot.refusals)
    refused = {refusal.provider for refusal in snapshot.refusals}
    good = [each for each in providers if each.key not in refused]
    if good:
        yield ok(
            "providers", f"{len(good)} of {len(providers)} Providers can be built here, secrets resolved"
        )
    for provider in providers:
        yield from _base_url(provider)
        yield from _expiry(provider, now)


def _refused(refusal: Refusal, *, served: bool) -> Finding:
    started = "this server" if served else "this command"
    lacking = (
        "start the server with the variable, the file or the flag that is lacking"
        if served
        else "where only this shell lacks a variable, a file or a flag, give it here as it is given to the gateway"
    )
    return Finding(
        "secrets" if refusal.cause in _SECRETS else "providers",
        "error",
        f"{refusal.provider}: {one_line(refusal.reason)}",
        f"a gateway that is started as {started} was would leave it out, and Models that it alone serves with it",
        f"as said; {lacking}",
    )


def _expiry(provider: StoredResource, now: float) -> Iterator[Finding]:
    """Of credentials that end soon; those that have ended are refused."""
    found = credentials_valid(config_of(provider), now)
    if found is not None and found.reason == EXPIRES_SOON:
        why = "from then on it is no candidate, and Models that it alone serves are not served"
        todo = "renew them, and config.expiresAt with them"
        told = f"{provider.key}: its credentials hold {found.message.partition(';')[0]}"
        yield Finding("providers", "warning", told, why, todo)


def _base_url(provider: StoredResource) -> Iterator[Finding]:
    """By its form alone."""
    written = config_of(provider).get("baseURL")
    if provider.resource.spec.get("type") != _AS_WRITTEN or not isinstance(written, str):
        return
    path = urlsplit(written).path.rstrip("/")
    if not path:
        what, todo = "has no path", f"most upstreams are below a version: {written.rstrip('/')}/v1"
    elif _ENDPOINT.search(path):
        what, todo = "ends in an endpoint, which is added to it", "leave the endpoint out"
    elif path.count("/v1") > 1 and path.endswith("/v1"):
        what, todo = "names a version twice", "leave one out"
    else:
        return
    why = "the upstream answers 404 where it serves something else, or nothing"
    yield Finding(
        "base-url", "warning", f"{provider.key}: {written} {what}", why, f"{todo}; doctor --online asks"
    )
