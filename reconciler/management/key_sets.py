"""The public keys of issuers (JWK Sets), fetched when they are needed and kept for a while.

A `kid` that nobody knows makes them be fetched again, since issuers change their keys: but not more often than every
PAUSE_SECONDS, whoever makes up kids. Where a fetch fails, what is there is used on for LONGEST_SECONDS.
"""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import jwt

from reconciler.clock import Clock
from reconciler.errors import RouterctlError, Unreachable, one_line
from reconciler.management.jwt_tokens import ALGORITHMS

FRESH_SECONDS = 300.0
PAUSE_SECONDS = 10.0
LONGEST_SECONDS = 3600.0
MAX_KEYS = 64
MIN_RSA_BITS = 2048

_log = logging.getLogger(__name__)

Fetch = Callable[[str], bytes]
"""What is at a place, a URL or the path of a file. Raises RouterctlError."""


@dataclass(slots=True)
class _Set:
    keys: Mapping[str, jwt.PyJWK]
    fetched: float
    tried: float


class KeySets:
    """Threads may share it: they take turns."""

    def __init__(self, fetch: Fetch, clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._turn = threading.Lock()
        self._sets: dict[str, _Set] = {}
        self.problem = ""
        """Why the issuer's keys could not be had when they were last looked for, in one line; "" where they could."""

    def find(self, place: str, kid: str) -> jwt.PyJWK | None:
        """Raises RouterctlError where there are none to look in."""
        with self._turn:
            now = self._clock.monotonic()
            known = self._sets.get(place)
            if known is None or now - known.fetched > FRESH_SECONDS or kid not in known.keys:
                known = self._renewed(place, known, now)
            return known.keys.get(kid)

    def _renewed(self, place: str, known: _Set | None, now: float) -> _Set:
        if known is not None and now - known.tried < PAUSE_SECONDS:
            return self._if_usable(known, now)
        try:
            keys = read_key_set(self._fetch(place))
        except RouterctlError as error:
            # Said here, where it is tried: whoever sends made-up tokens must not fill the log.
            self.problem = one_line(str(error))
            _log.warning("the keys of JSON Web Tokens can't be had: %s", self.problem)
            if known is None:
                self._sets.clear()  # of one issuer; those of another are history
                self._sets[place] = _Set({}, float("-inf"), now)
                raise
            known.tried = now
            return self._if_usable(known, now)
        self._sets.clear()
        self.problem = ""
        made = self._sets[place] = _Set(keys, now, now)
        return made

    def _if_usable(self, known: _Set, now: float) -> _Set:
        if now - known.fetched > LONGEST_SECONDS:
            raise Unreachable("the issuer's keys can't be had now", hint="try again in a moment")
        return known


def read_key_set(text: bytes) -> Mapping[str, jwt.PyJWK]:
    """Those that may sign here, by kid; of several of one kid none. Raises Unreachable for what is no key set."""
    try:
        told = json.loads(text)
        members = told["keys"]
        if not isinstance(members, list) or len(members) > MAX_KEYS:
            raise ValueError  # noqa: TRY301  one word for all of it
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Unreachable("what the issuer gives as its keys is no JWK Set") from None
    found: dict[str, jwt.PyJWK | None] = {}
    for member in members:
        key = _usable(member)
        if key is not None and key.key_id is not None:
            found[key.key_id] = None if key.key_id in found else key
    return {kid: key for kid, key in found.items() if key is not None}


def _usable(member: object) -> jwt.PyJWK | None:
    """None for what is private, symmetric, too short, or not for signatures."""
    if not isinstance(member, dict) or member.get("kty") not in ALGORITHMS or "d" in member:
        return None
    if member.get("use", "sig") != "sig" or not isinstance(member.get("kid"), str):
        return None
    try:
        key = jwt.PyJWK(member)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    bits = getattr(key.key, "key_size", MIN_RSA_BITS)
    return None if member["kty"] == "RSA" and bits < MIN_RSA_BITS else key
