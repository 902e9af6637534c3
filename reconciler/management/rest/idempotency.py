"""Idempotency-Key: who is not told what became of a request may send it again, and it is carried out once.

What failed wrote nothing, and is not kept: it is tried anew. Of an answer that showed a secret is kept that it was given.
"""

import json
from hashlib import sha256

from starlette.requests import Request

from reconciler.clock import Clock
from reconciler.errors import Conflict
from reconciler.json_types import JsonObject
from reconciler.management.problems import AnotherRequest, BadRequest
from reconciler.management.rest.answers import REPLAYED, Answer
from reconciler.resources.principal import Principal
from reconciler.store import kept_answers
from reconciler.store.observations import Observations

HEADER = "idempotency-key"
_LONGEST = 255
_LARGEST = 1024 * 1024


class UnderWay(Conflict):
    """The first request with the key is not done yet."""

    reason = "UnderWay"


class Requests:
    """Those that bear a key, of one principal each. Threads may share it; every method blocks, and raises StoreError."""

    def __init__(self, observations: Observations, clock: Clock) -> None:
        self._observations = observations
        self._clock = clock

    def begin(self, who: Principal, key: str, request: str) -> Answer | None:
        """The answer that this request had before; None: it is to be carried out, and then `keep` or `give_up` follows.

        Raises AnotherRequest where the key came with something else, UnderWay while the first one is.
        """
        now = self._clock.now().timestamp()
        with self._observations.writing() as connection:
            known = kept_answers.begin(connection, _owner(who), key, request, now)
        if known is None:
            return None
        if known.request != request:
            raise AnotherRequest(
                "this Idempotency-Key came with another request", hint="make a key of its own for each change"
            )
        if known.answer is None:
            raise UnderWay(
                "the request with this Idempotency-Key is still under way", hint="ask again in a moment"
            )
        return _decoded(known.answer)

    def keep(self, who: Principal, key: str, answer: Answer) -> None:
        with self._observations.writing() as connection:
            kept_answers.keep(connection, _owner(who), key, _encoded(answer))

    def give_up(self, who: Principal, key: str) -> None:
        with self._observations.writing() as connection:
            kept_answers.give_up(connection, _owner(who), key)


def _owner(who: Principal) -> str:
    """Whose answers they are. A token of the same name, or a claim that says less, is not told what another was."""
    spaces = "*" if who.namespaces is None else ",".join(sorted(who.namespaces))
    return f"{who.name} {who.token or ''} {who.role} {spaces}"


def key_of(request: Request) -> str | None:
    """Raises BadRequest for what is no key."""
    given = [value for name, value in request.scope["headers"] if name == HEADER.encode()]
    if not given:
        return None
    text = str(given[0].decode("latin-1")).strip()
    if len(given) > 1 or not 0 < len(text) <= _LONGEST or not (text.isascii() and text.isprintable()):
        raise BadRequest(f"Idempotency-Key is one text of 1 to {_LONGEST} printable ASCII characters")
    return text


def digest_of(request: Request, body: bytes) -> str:
    """What makes it the same request."""
    scope, found = request.scope, sha256()
    conditions = b",".join(
        value for name, value in scope["headers"] if name in {b"if-match", b"if-none-match", b"content-type"}
    )
    for part in (scope["method"].encode(), scope["path"].encode(), scope["query_string"], conditions, body):
        found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()


def _encoded(answer: Answer) -> str:
    told: JsonObject = {"status": answer.status, "revision": answer.revision, "version": answer.version}
    if answer.once:
        return json.dumps({**told, "once": True})
    text = json.dumps({**told, "headers": dict(answer.headers), "body": answer.body})
    return text if len(text) <= _LARGEST else json.dumps({**told, "large": True})


def _decoded(text: str) -> Answer:
    told = json.loads(text)
    headers = {**told.get("headers", {}), REPLAYED: "true"}
    if "body" in told:
        return Answer(told["body"], told["status"], told["revision"], told["version"], headers)
    why = "showed a secret, which is shown once" if told.get("once") else "was too large to be kept"
    made = f" as revision {told['revision']}" if told["revision"] is not None else ""
    raise Conflict(f"the request with this Idempotency-Key was carried out{made}; its answer {why}")
