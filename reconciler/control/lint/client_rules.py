"""Rules on who may call."""

from collections.abc import Iterator

from reconciler.clock import SystemClock
from reconciler.control.client_ready import key_end, keys_of
from reconciler.control.lint.declarations import Declarations, enabled, texts
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey
from reconciler.snapshot.glob import glob

_SETTINGS = ResourceKey("Settings", DEFAULT_NAMESPACE, "default")


def _clients(files: Declarations) -> Iterator[Resource]:
    return (client for client in files.of_kind("ClientKey") if enabled(client))


def _without_keys(files: Declarations) -> Iterator[Remark]:
    for client in _clients(files):
        if not any(key.get("enabled") is not False for key in keys_of(client.spec)):
            yield Remark(
                client.key,
                ("spec",),
                "it has no key that is enabled, so it lets nobody in",
                "make one with routerctl key create --save, or routerctl key rotate",
            )


def _expired(files: Declarations) -> Iterator[Remark]:
    now = SystemClock().now().timestamp()
    for client in _clients(files):
        for place, key in enumerate(keys_of(client.spec)):
            end = key_end(client.spec, key)
            if end is not None and end <= now:
                field = ("expires",) if "expires" not in key else ("keys", place, "expires")
                yield Remark(
                    client.key,
                    ("spec", *field),
                    f"the key {key.get('id')} has expired",
                    "take it out, or give it another end",
                )


def _permits_nothing(files: Declarations) -> Iterator[Remark]:
    for client in _clients(files):
        space = client.key.namespace
        names = _names(files, space)
        if not names or files.means_to_forward(space):
            continue
        patterns = texts(client.spec.get("models"))
        idle = [place for place, each in enumerate(patterns) if not _meets_any(each, names)]
        if patterns and len(idle) == len(patterns):
            message = (
                "no Model in these files has a name or alias that this permits, so it may ask for nothing"
            )
            yield Remark(client.key, ("spec", "models"), message, "correct the names")
            continue
        for place in idle:
            yield Remark(
                client.key,
                ("spec", "models", place),
                "no Model in these files has a name or alias like it",
                "correct it, or take it out",
            )


def _permits_no_route(files: Declarations) -> Iterator[Remark]:
    for client in _clients(files):
        names = [
            each.key.name for each in files.of_kind("Route") if each.key.namespace == client.key.namespace
        ]
        for place, each in enumerate(texts(client.spec.get("routes"))):
            if names and not any(glob(each).matches(name) for name in names):
                yield Remark(
                    client.key,
                    ("spec", "routes", place),
                    "no Route in these files is called so",
                    "correct it, or take it out",
                )


def _not_asked_for(files: Declarations) -> Iterator[Remark]:
    settings = files.get(_SETTINGS)
    if settings is None or not any(True for _ in _clients(files)):
        return
    auth = settings.spec.get("auth")
    if not isinstance(auth, dict) or auth.get("dataPlane") != "keys":
        yield Remark(
            _SETTINGS,
            ("spec", "auth", "dataPlane") if isinstance(auth, dict) and "dataPlane" in auth else ("spec",),
            "ClientKeys are declared, and no keys are asked for: everybody may ask for everything",
            "set auth.dataPlane: keys",
        )


def _names(files: Declarations, space: str) -> list[str]:
    models = [each for each in files.of_kind("Model") if each.key.namespace == space]
    return [name for each in models for name in (each.key.name, *texts(each.spec.get("aliases")))]


def _meets_any(pattern: str, names: list[str]) -> bool:
    """An alias that ends in * stands for all names that begin so."""
    wanted = glob(pattern)
    return any(
        _meets(wanted.prefix, name[:-1]) if name.endswith("*") else wanted.matches(name) for name in names
    )


def _meets(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)


_KEY = "{id: 0aZ4kQ81mTq2, hash: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'}"
_ENDED = _KEY.replace("}", ", expires: '2020-01-01T00:00:00Z'}")


def _client(spec: str, keys: str = _KEY) -> str:
    held = f"keys: [{keys}]" if keys else "enabled: true"
    return f"kind: ClientKey\nmetadata: {{name: team}}\nspec: {{{held}{spec}}}\n"


_MODEL = "---\nkind: Model\nmetadata: {name: phi}\nspec: {aliases: [fast, 'ms/*']}\n"
_ROUTE = "---\nkind: Route\nmetadata: {name: code}\nspec: {targets: [{model: phi}]}\n"


def _asking(auth: str) -> str:
    return f"---\nkind: Settings\nmetadata: {{name: default}}\nspec: {auth}\n"


ROWS: tuple[Rule, ...] = (
    Rule(
        "client-without-keys",
        Severity.WARNING,
        "ClientKey",
        "A ClientKey that lets nobody in.",
        "It says what a client may do, and has no key by which one could be known. Set `enabled: false` where that is meant.",
        _client("", keys=""),
        _client(""),
        _without_keys,
    ),
    Rule(
        "client-key-expired",
        Severity.WARNING,
        "ClientKey keys",
        "A key that is accepted no more.",
        "Keys that have ended help nobody, and hide which ones are in use.",
        _client("", keys=f"{_ENDED}"),
        _client(", expires: '2999-01-01T00:00:00Z'"),
        _expired,
    ),
    Rule(
        "client-permits-nothing",
        Severity.WARNING,
        "ClientKey models",
        "A name that a ClientKey permits, and that no Model has.",
        "It is mostly a slip of the pen, and the client is told that there is no such model. Not said where unknown models are "
        "forwarded. Silence it where the Models stand in other files.",
        _client(", models: [pih]") + _MODEL,
        _client(", models: [ph*, fast, ms/x]") + _MODEL,
        _permits_nothing,
        together=True,
    ),
    Rule(
        "client-permits-no-route",
        Severity.WARNING,
        "ClientKey routes",
        "A name that a ClientKey permits, and that no Route has.",
        "All Routes but those that are permitted are as if they were not there, for this client.",
        _client(", routes: [kode]") + _MODEL + _ROUTE,
        _client(", routes: [co*]") + _MODEL + _ROUTE,
        _permits_no_route,
        together=True,
    ),
    Rule(
        "keys-not-asked-for",
        Severity.WARNING,
        "Settings auth",
        "ClientKeys without anybody who asks for a key.",
        "Without `auth.dataPlane: keys` no key is looked at: limits, budgets and permissions of ClientKeys hold nobody.",
        _client("") + _asking("{defaultModel: phi}") + _MODEL,
        _client("") + _asking("{defaultModel: phi, auth: {dataPlane: keys}}") + _MODEL,
        _not_asked_for,
        together=True,
    ),
)
