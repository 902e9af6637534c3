"""Rules on Settings.egress."""

from collections.abc import Iterator
from ipaddress import ip_network

from reconciler.control.lint.declarations import Declarations, config_of, enabled
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.json_types import JsonValue, value_at
from reconciler.resources.resource import DEFAULT_NAMESPACE, Resource, ResourceKey
from reconciler.snapshot.egress import destination, egress_of_spec, entry_line

_WIDE = {4: 8, 6: 16}
"""Shorter prefixes hold more than any network that is somebody's own."""


def _settings(files: Declarations) -> Resource | None:
    return files.get(ResourceKey("Settings", DEFAULT_NAMESPACE, "default"))


def _refused(files: Declarations) -> Iterator[Remark]:
    settings = _settings(files)
    if settings is None or "egress" not in settings.spec:
        return
    policy = egress_of_spec(settings.spec)
    for provider in files.of_kind("Provider"):
        place = destination(config_of(provider))
        denial = policy.unreachable(place) if place is not None and enabled(provider) else None
        if denial is not None:
            hint = "correct one of the two"
            if denial.entry is not None:
                hint = f"add to spec.egress.allow: {entry_line(denial.entry)}"
            yield Remark(provider.key, ("spec", "config", "baseURL"), denial.reason, hint)


def _wide_open(files: Declarations) -> Iterator[Remark]:
    settings = _settings(files)
    allowed: JsonValue = value_at(settings.spec, ("egress", "allow")) if settings is not None else None
    if settings is None or not isinstance(allowed, list):
        return
    for place, entry in enumerate(allowed):
        written = entry.get("network") if isinstance(entry, dict) else None
        try:
            network = ip_network(written) if isinstance(written, str) else None
        except ValueError:
            continue  # what validates says so
        if network is not None and network.prefixlen < _WIDE[network.version]:
            yield Remark(
                settings.key,
                ("spec", "egress", "allow", place),
                f"{written} holds every private network: whoever writes manifests reaches all of yours",
                "name the hosts or networks that Providers are in",
            )


ROWS: tuple[Rule, ...] = (
    Rule(
        "egress-refuses-provider",
        Severity.WARNING,
        "Provider baseURL, Settings egress",
        "A Provider is where Settings.egress has no connection to.",
        "Workers refuse such a Provider, and say so in its status; here it is known before. What a name leads to is known when a "
        "connection is made, so it is not looked at, and private addresses count as open.",
        """\
kind: Settings
metadata: {name: default}
spec: {egress: {onlyAllowed: true, allow: [{host: api.openai.com}]}}
---
kind: Provider
metadata: {name: other}
spec: {type: openai-compatible, config: {baseURL: "https://api.example.com/v1"}}
""",
        """\
kind: Settings
metadata: {name: default}
spec: {egress: {onlyAllowed: true, allow: [{host: api.example.com}]}}
---
kind: Provider
metadata: {name: other}
spec: {type: openai-compatible, config: {baseURL: "https://api.example.com/v1"}}
""",
        _refused,
        together=True,
    ),
    Rule(
        "egress-allows-all-networks",
        Severity.WARNING,
        "Settings egress",
        "One entry allows all private networks.",
        "The list is there so that a manifest can't aim the gateway, and the keys that it sends along, at what only your network "
        "reaches. An entry such as 0.0.0.0/0 takes that away.",
        """\
kind: Settings
metadata: {name: default}
spec: {egress: {allow: [{network: 0.0.0.0/0}]}}
""",
        """\
kind: Settings
metadata: {name: default}
spec: {egress: {allow: [{network: 10.20.0.0/24, ports: [8000]}, {host: ollama.lan}]}}
""",
        _wide_open,
    ),
)
