"""A provider → its upstream: config checked, secrets resolved, adapter built.

One that can't be built is refused by itself: it keeps the build that it has, or that of the last revision that a
worker acknowledged. The rest of the revision serves.
"""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from pydantic import ValidationError

from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.resources.references import value_at
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher, Place
from reconciler.secrets.references import parse
from reconciler.secrets.resolver import Resolver, VaultReader
from reconciler.settings import Reach
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.model import Refusal, Upstream

Earlier = Callable[[ResourceKey], "tuple[int, Resources] | None"]
"""The last revision at which a provider was built, and the resources as they stood then."""


def never(_provider: ResourceKey) -> None:
    return None


@dataclass(frozen=True, slots=True)
class ProviderBuilder:
    """Builds for one process: its reach, its environment, its key."""

    reach: Reach
    environ: Mapping[str, str] = field(repr=False)
    vault: VaultReader
    cipher: Cipher | None
    earlier: Earlier = never
    salt: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    """Keys the fingerprints: equal values are recognised within the process, and nowhere else."""

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        """Never raises for what a provider's config or secrets can cause."""
        key = provider.key
        try:
            return Built(self._upstream(provider, resources, previous))
        except (RouterctlError, ValidationError) as error:
            reason = (
                str(error) if isinstance(error, RouterctlError) else "its stored config is not valid any more"
            )
        if previous is not None:
            return Built(previous, Refusal(key, reason, previous.revision))
        upstream = self._from_earlier(key)
        return Built(upstream, Refusal(key, reason, upstream.revision if upstream is not None else None))

    def _from_earlier(self, key: ResourceKey) -> Upstream | None:
        found = self.earlier(key)
        provider = found[1].get(key) if found is not None else None
        if found is None or provider is None:
            return None
        try:
            return self._upstream(provider, found[1], None)
        except (RouterctlError, ValidationError):
            return None

    def _upstream(
        self, provider: StoredResource, resources: Resources, previous: Upstream | None
    ) -> Upstream:
        spec = provider.resource.spec
        config = spec.get("config")
        written: JsonObject = config if isinstance(config, dict) else {}
        provider_type = PROVIDER_TYPES[str(spec.get("type"))]
        secrets = {
            name: self._resolve(name, written, provider, resources)
            for name in provider_type.secret_fields
            if name in written
        }
        kept = {name: value for name, value in written.items() if name not in provider_type.in_place}
        fingerprint = self._fingerprint({"type": provider_type.name, "config": kept}, secrets)
        if previous is not None and previous.fingerprint == fingerprint:
            return previous
        adapter = provider_type.build(provider_type.config.model_validate(written), secrets)
        return Upstream(provider.key, provider_type.transport, adapter, fingerprint, provider.revision)

    def _resolve(self, name: str, config: JsonObject, provider: StoredResource, resources: Resources) -> str:
        key = provider.key

        def secret(of: ResourceKey) -> Resource | None:
            stored = resources.get(of)
            return stored.resource if stored is not None else None

        def trusted(of: ResourceKey) -> bool:
            stored = resources.get(of)
            return stored is not None and same_trust(provider, stored, name)

        place = Place(key.namespace, key.kind, key.name, f"spec.config.{name}")
        resolver = Resolver(self.reach, self.environ, self.vault, self.cipher, secret)
        value = resolver.resolve(parse(config[name]), place=place, host=host_of(config), same_trust=trusted)
        return value.reveal()

    def _fingerprint(self, content: JsonObject, secrets: Mapping[str, str]) -> str:
        digest = hashlib.blake2b(key=self.salt, digest_size=32)
        digest.update(json.dumps([content, dict(secrets)], sort_keys=True).encode())
        return digest.hexdigest()


def host_of(config: JsonObject) -> str | None:
    """The host that a provider's secrets travel to."""
    base_url = config.get("baseURL")
    return urlsplit(base_url).hostname if isinstance(base_url, str) else None


def same_trust(provider: StoredResource, secret: StoredResource, field_name: str) -> bool:
    """Whether a Secret that names no hosts may go to a Provider.

    It may where both are of one source, or where somebody at this machine wrote both the baseURL and the reference
    last: another source must not draw a Secret to a host of its own.
    """
    if provider.source is not None and provider.source == secret.source:
        return True
    return all(
        manager.startswith("cli:")
        for name in ("baseURL", field_name)
        for manager in _managers_of(provider, name)
    )


def _managers_of(provider: StoredResource, name: str) -> list[str]:
    """Who holds a field of the config; somebody unknown where nobody does."""
    path = ("f:spec", "f:config", f"f:{name}")
    return [
        entry.manager for entry in provider.managed_fields if value_at(entry.fields, path) is not None
    ] or ["unknown"]
