"""Tells who wants to know of providers' health: one process of a store does, whoever has the turn.

    what live workers say + what was told → events → messages that wait, in the records' file → POST, signed → done

A message that can't be sent is tried again, and those behind it wait; after a day, or as many times as it may be, it is given up.
"""

import asyncio
import logging
import os
import secrets as randomness
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from random import SystemRandom

from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.upstreams.asking import asking
from reconciler.clock import Clock
from reconciler.control.backoff import Backoff
from reconciler.control.health_events import DEFAULT, events, messages, troubles
from reconciler.errors import RouterctlError, one_line
from reconciler.field_values import milliseconds
from reconciler.json_types import JsonObject, JsonValue
from reconciler.provider_types.base import Endpoint, Headers, UpstreamRequest
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey
from reconciler.secrets.place import Place
from reconciler.secrets.references import parse
from reconciler.secrets.resolver import Resolver, Trust
from reconciler.secrets.signing import signature
from reconciler.secrets.value import SecretValue
from reconciler.settings import Reach
from reconciler.snapshot.egress import Egress, egress
from reconciler.snapshot.model import Upstream
from reconciler.store.health_records import HealthRecords
from reconciler.store.observations import Observations
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation
from reconciler.store.webhook import Message, WebhookRecords

SECONDS = 1.0
"""Between two looks."""
TURN_SECONDS = 15.0
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 1800.0
ATTEMPTS = 12
KEPT_SECONDS = 24 * 3600.0
_ANSWER = 64 * 1024
_GONE = 410
_SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")
_FIELD = "spec.healthWebhook.secret"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is told, as the Settings have it. `secret` is as it is written there."""

    url: str
    secret: JsonValue = field(repr=False)
    timeout: float
    policy: Egress


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`listeners` are the gateway's own addresses; `holder` names this process among those of the store."""

    location: StoreLocation
    observations: Observations
    reach: Reach
    clock: Clock
    holder: str
    environ: Mapping[str, str] = field(repr=False)
    listeners: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Nowhere:
    """The adapter of who is no provider."""

    def encode(self, endpoint: Endpoint, body: bytes, passed: Headers = ()) -> UpstreamRequest:
        raise NotImplementedError

    def probe(self, path: str | None) -> UpstreamRequest:
        raise NotImplementedError


class HealthWebhook:
    def __init__(self, around: Surroundings, chance: Callable[[], float] | None = None) -> None:
        self._around = around
        self._records = WebhookRecords(around.observations)
        self._health = HealthRecords(around.observations)
        self._backoff = Backoff(FIRST_PAUSE, LONGEST_PAUSE, chance or SystemRandom().random)
        self._again = 0.0
        self._problem = ""

    async def run(self) -> None:
        """Until it is cancelled."""
        try:
            while True:
                await self.turn()
                await asyncio.sleep(SECONDS)
        finally:
            with suppress(RouterctlError):
                self._records.leave_turn(self._around.holder)

    async def turn(self) -> None:
        """One look, and what is to be sent. What is wrong is told by the log, once."""
        try:
            receiver = await asyncio.to_thread(self._look)
            while receiver is not None and self._around.clock.monotonic() >= self._again:
                if not await self._send_next(receiver):
                    break
        except RouterctlError as error:
            self._tell(one_line(str(error)))

    def _look(self) -> Receiver | None:
        """Notes what changed. None where nobody is to be told, or another process does it."""
        around = self._around
        with closing(Reader(around.location.config_path)) as reader:
            stored = reader.get(_SETTINGS)
            spec = stored.resource.spec.get("healthWebhook") if stored is not None else None
            if stored is None or not isinstance(spec, dict):
                self._records.forget()
                return None
            now = around.clock.now().timestamp()
            timeout = _seconds(spec)
            if not self._records.take_turn(around.holder, now, now + TURN_SECONDS + timeout):
                return None
            names = spec.get("events")
            wanted = frozenset(str(each) for each in names) if isinstance(names, list) else frozenset(DEFAULT)
            self._note(wanted, now, reader.head())
            policy = egress({_SETTINGS: stored}, guarded=reader.guarded())
            return Receiver(str(spec["url"]), spec.get("secret"), timeout, policy)

    def _note(self, names: frozenset[str], now: float, revision: int) -> None:
        told = self._records.told()
        found = troubles(self._around.observations.live(now), self._health.rows(now), told)
        if found is None or found.keys() == told:
            return
        new = messages(events(found, told), names, now, _ids(), revision)
        dropped = self._records.tell(found.keys(), new)
        if dropped:
            _log.warning("%d messages on providers' health are given up: too many wait to be sent", dropped)

    def _secret(self, written: JsonValue) -> SecretValue:
        """It is sent to nobody, so the hosts of a Secret don't count."""
        around = self._around
        with closing(Reader(around.location.config_path)) as reader:

            def secret(key: ResourceKey) -> Resource | None:
                stored = reader.get(key)
                return stored.resource if stored is not None else None

            cipher = load_cipher(around.location, around.environ, reader)
            resolver = Resolver(around.reach, around.environ, reader, cipher, secret)
            place = Place(DEFAULT_NAMESPACE, "Settings", "default", _FIELD)
            return resolver.resolve(parse(written), place=place, host=None, trust=_signs)

    async def _send_next(self, receiver: Receiver) -> bool:
        """Whether there may be another one to send."""
        message = await asyncio.to_thread(self._records.next)
        if message is None:
            return False
        now = self._around.clock.now().timestamp()
        try:
            problem = await self._sent(receiver, message, int(now))
        except RouterctlError as error:
            problem = one_line(str(error))
        if problem is None:
            await asyncio.to_thread(self._records.done, message.id)
            self._backoff.succeeded()
            self._tell("")
            return True
        self._again = self._around.clock.monotonic() + self._backoff.failed()
        self._tell(problem)
        if message.attempts + 1 >= ATTEMPTS or now - message.time > KEPT_SECONDS:
            _log.warning(
                "a message on a provider's health is given up after %d attempts", message.attempts + 1
            )
            await asyncio.to_thread(self._records.done, message.id)
        else:
            await asyncio.to_thread(self._records.tried, message.id)
        return False

    async def _sent(self, receiver: Receiver, message: Message, now: int) -> str | None:
        """None, or why it could not be sent."""
        secret = await asyncio.to_thread(self._secret, receiver.secret)
        headers = (
            ("content-type", "application/json"),
            ("user-agent", "routerctl"),
            ("webhook-id", message.id),
            ("webhook-timestamp", str(now)),
            ("webhook-signature", signature(secret, message.id, now, message.body)),
        )
        request = UpstreamRequest("POST", receiver.url, headers, message.body)
        upstream = Upstream(_SETTINGS, "http", _Nowhere(), "", 0)
        around = self._around
        async with asking(
            around.environ, receiver.policy, listeners=around.listeners, seconds=receiver.timeout
        ) as asker:
            reply = await asker.ask(upstream, request, most=_ANSWER)
        if reply.failure is not None:
            return reply.reason
        return None if reply.good or reply.status == _GONE else f"status {reply.status}"

    def _tell(self, problem: str) -> None:
        if problem != self._problem:
            if problem:
                _log.warning("changes of providers' health can't be told to the webhook: %s", problem)
            else:
                _log.warning("changes of providers' health are told to the webhook again")
            self._problem = problem


def _signs(_secret: ResourceKey, _entry: str) -> Trust:
    return Trust(hosts=False, resource=True)


def _ids() -> Iterator[str]:
    while True:
        yield f"msg_{randomness.token_hex(13)}"


def _seconds(spec: JsonObject) -> float:
    written = spec.get("timeout")
    return milliseconds(written) / 1000 if isinstance(written, str | int) else 10.0


async def telling(
    location: StoreLocation,
    observations: Observations,
    reach: Reach,
    environ: Mapping[str, str],
    clock: Clock,
    listeners: tuple[tuple[str, int], ...],
) -> None:
    """For a process that serves: until it is cancelled."""
    holder = f"{os.getpid()}-{randomness.token_hex(4)}"
    around = Surroundings(location, observations, reach, clock, holder, environ, listeners)
    await HealthWebhook(around).run()
