"""A provider → its upstream: config checked, secrets resolved, adapter built.

One that can't be built is refused by itself: it keeps the build that it has, or that of the last revision that a
worker acknowledged, where that was the same provider and its Secrets may still go where it sends them. What a guard
refuses keeps none. The rest of the revision serves.
"""

import hashlib
import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from pydantic import ValidationError

from reconciler.errors import Expired, InvalidInput, NotTrusted, RouterctlError, StoreError
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.secrets.cipher import Cipher
from reconciler.secrets.references import FromSecret, SecretReference
from reconciler.secrets.resolver import Resolver, Trust, TrustOf, VaultReader, no_trust
from reconciler.settings import Reach
from reconciler.snapshot.around import around_of, files_read
from reconciler.snapshot.compile import Built, Resources
from reconciler.snapshot.model import Refusal, Upstream
from reconciler.snapshot.read_files import ReadFiles
from reconciler.snapshot.stored_provider import config_of, host_of, place_of, secrets_of, type_of
from reconciler.snapshot.trust import carries, trust

_log = logging.getLogger(__name__)

Lookup = Callable[[ResourceKey], StoredResource | None]
"""Resources as one revision left them, read one by one."""


class Past(Protocol):
    """What there was before, for a provider that can't be built as it is now."""

    def acknowledged(self, provider: ResourceKey) -> int | None:
        """The last revision at which a worker built it, if that is known."""
        ...

    def get(self, key: ResourceKey, *, at: int) -> StoredResource | None: ...


@dataclass(frozen=True, slots=True)
class ProviderBuilder:
    """Builds for one process: its reach, its environment, its key."""

    reach: Reach
    environ: Mapping[str, str] = field(repr=False)
    vault: VaultReader
    past: Past
    cipher: Cipher | None = None
    key_problem: RouterctlError | None = None
    """Why there is no cipher, where a key was given."""
    salt: bytes = field(default_factory=lambda: os.urandom(32), repr=False)
    """Keys the fingerprints: equal values are recognised within the process, and nowhere else."""
    files: ReadFiles = field(default_factory=ReadFiles, repr=False)
    told: dict[ResourceKey, int] = field(default_factory=dict, repr=False)
    """The revision of each provider at which the log last told of a bug."""

    def build(self, provider: StoredResource, resources: Resources, previous: Upstream | None) -> Built:
        """Raises StoreError where the store can't be read, and nothing for what a provider can cause."""
        key = provider.key
        self.files.begin(key)
        try:
            return Built(self._upstream(provider, resources.get, previous))
        except (NotTrusted, Expired) as error:
            return Built(None, Refusal(key, str(error), cause=error.reason))
        except RouterctlError as error:
            reason, cause = str(error), error.reason
        except ValidationError:
            reason, cause = "its stored config is not valid any more", InvalidInput.reason
        except Exception as error:  # noqa: BLE001  one provider's bug is not the whole revision's
            self._tell(provider)
            reason, cause = f"could not be built ({type(error).__name__})", RouterctlError.reason
        kept = self._kept(provider, resources.get, previous)
        return Built(kept, Refusal(key, reason, kept.revision if kept is not None else None, cause))

    def _kept(self, provider: StoredResource, now: Lookup, previous: Upstream | None) -> Upstream | None:
        """The build to go on with: `previous`, else that of the revision at which a worker last built the provider.

        None of another provider that had the name, and none that the guards would refuse by now.
        """
        key = provider.key
        try:
            revision = previous.revision if previous is not None else self.past.acknowledged(key)
            then = self.past.get(key, at=revision) if revision is not None else None
            if revision is None or then is None or then.uid != provider.uid:
                return None
            self._check_guards(then, now)
            return previous or self._upstream(then, partial(self.past.get, at=revision), None)
        except StoreError:
            raise
        except (RouterctlError, ValidationError):
            return None
        except Exception:  # noqa: BLE001  as above
            self._tell(provider)
            return None

    def _tell(self, provider: StoredResource) -> None:
        """Logs the exception at hand: once a revision, for a refused provider is tried again at each compile."""
        if self.told.get(provider.key) != provider.revision:
            self.told[provider.key] = provider.revision
            _log.exception("%s could not be built, because of a bug", provider.key)

    def _check_guards(self, then: StoredResource, now: Lookup) -> None:
        """Raises SecretError where a Secret may not go by now where `then` sends it."""
        for name, reference in secrets_of(then):
            _check_own(then, name, reference)
            if isinstance(reference, FromSecret):
                place, host = place_of(then, name), host_of(config_of(then))
                self._resolver(now).guard(reference, place=place, host=host, trust=_trust(then, name, now))

    def _upstream(self, provider: StoredResource, resources: Lookup, previous: Upstream | None) -> Upstream:
        provider_type, config = type_of(provider), config_of(provider)
        self.files.lasts(provider.key, config)
        secrets = {
            name: self._resolve(provider, name, reference, resources)
            for name, reference in secrets_of(provider)
        }
        for path in files_read(config):
            self.files.note(provider.key, path)
        around = around_of(provider_type, config, self.reach, self.environ)
        kept = {name: value for name, value in config.items() if name not in provider_type.in_place}
        fingerprint = self._fingerprint(
            {"type": provider_type.name, "config": kept}, {**secrets, **around.marks()}
        )
        if previous is not None and previous.fingerprint == fingerprint:
            return previous
        adapter = provider_type.build(provider_type.config.model_validate(config), secrets)
        return Upstream(
            provider.key,
            provider_type.transport,
            adapter,
            fingerprint,
            provider.revision,
            provider_type.endpoints,
            around.tls(config, secrets),
            around.program,
            provider_type.introduces,
        )

    def _resolve(
        self, provider: StoredResource, name: str, reference: SecretReference, resources: Lookup
    ) -> str:
        place, host = place_of(provider, name), host_of(config_of(provider))
        _check_own(provider, name, reference)
        trust_of = _trust(provider, name, resources)
        resolver = self._resolver(resources, partial(self.files.note, provider.key))
        return resolver.resolve(reference, place=place, host=host, trust=trust_of).reveal()

    def _resolver(self, resources: Lookup, reading: Callable[[str], None] = lambda _path: None) -> Resolver:
        def secret(key: ResourceKey) -> Resource | None:
            stored = resources(key)
            return stored.resource if stored is not None else None

        return Resolver(self.reach, self.environ, self.vault, self.cipher, secret, self.key_problem, reading)

    def _fingerprint(self, content: Mapping[str, object], secrets: Mapping[str, str]) -> str:
        digest = hashlib.blake2b(key=self.salt, digest_size=32)
        digest.update(json.dumps([content, dict(secrets)], sort_keys=True).encode())
        return digest.hexdigest()


def _check_own(provider: StoredResource, name: str, reference: SecretReference) -> None:
    """Raises NotTrusted where a value of the Provider itself would go to an address that others wrote."""
    if not isinstance(reference, FromSecret) and not carries(provider, name):
        raise NotTrusted(
            f"the value of config.{name} may not go where others than those who declare it say",
            hint=f"declare baseURL, tls and {name} in one source, or keep the value in a Secret with hosts",
        )


def _trust(provider: StoredResource, name: str, resources: Lookup) -> TrustOf:
    def of(key: ResourceKey, entry: str) -> Trust:
        secret = resources(key)
        return trust(provider, name, secret, entry) if secret is not None else no_trust(key, entry)

    return of
