from collections.abc import Sequence
from dataclasses import replace

import pytest

from reconciler.control.conditions import (
    Condition,
    condition_json,
    condition_types,
    conditions_of,
    ready_of,
)
from reconciler.control.observed import Observed
from reconciler.control.serving import Serving
from reconciler.json_types import JsonObject
from reconciler.resources.kinds import KINDS
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.store.observations import WHOLE, WorkerRow
from reconciler.store.transitions import RECOVERED, REFUSED, SERVING, Transition

KEY = ResourceKey("Provider", "team", "p")
CREATED = "2026-01-01T00:00:00Z"
FROM_SECRET: JsonObject = {"apiKey": {"valueFrom": {"secret": {"name": "keys", "key": "K"}}}}
FROM_ENV: JsonObject = {"headers": {"a": "b"}, "apiKey": {"valueFrom": {"env": "K"}}}


class Around:
    """Fits conditions.Related."""

    def __init__(self, *there: StoredResource) -> None:
        self._there = {each.key: each for each in there}

    def get(self, key: ResourceKey) -> StoredResource | None:
        return self._there.get(key)

    def bindings_of(self, model: ResourceKey) -> Sequence[StoredResource]:
        return [each for each in self._there.values() if each.resource.spec.get("model") == model.name]


def stored(
    kind: str = "Provider", spec: JsonObject | None = None, *, name: str = "p", revision: int = 5
) -> StoredResource:
    resource = Resource(ResourceKey(kind, "team", name), spec if spec is not None else {"enabled": True})
    return StoredResource(resource, "uid", 3, 9, CREATED, revision)


def worker(
    revision: int = 5,
    *refused: str,
    name: str = "w",
    builds: int | None = None,
    cause: str = "SecretError",
    subject: str = str(KEY),
) -> WorkerRow:
    told = tuple((subject, reason) for reason in refused)
    built = {} if builds is None else {str(KEY): builds}
    return WorkerRow(name, 1, 0, 0, revision, told, {}, built, {subject: cause} if refused else {})


def found(
    of: StoredResource, *workers: WorkerRow, around: Around | None = None, log: Sequence[Transition] = ()
) -> dict[str, Condition]:
    observed = Observed(Serving(workers), log)
    return {each.type: each for each in conditions_of(of, around or Around(), observed)}


def ready(of: StoredResource, *workers: WorkerRow, around: Around | None = None) -> tuple[str, ...]:
    condition = ready_of(of, around or Around(), Observed(Serving(workers)))
    assert condition == found(of, *workers, around=around)["Ready"]
    return condition.status, condition.reason, condition.message, str(condition.observed_generation)


DISABLED: JsonObject = {"enabled": False}


def test_a_provider_is_ready_when_a_live_worker_built_it() -> None:
    assert ready(stored(), worker()) == ("True", "Built", "built by 1 of 1 live workers", "3")
    assert ready(stored()) == ("Unknown", "NoWorker", "no worker is live", "None")
    assert ready(stored(), worker(4)) == (
        "Unknown",
        "Pending",
        "no live worker serves revision 5 yet",
        "None",
    )


def test_a_provider_that_is_refused_or_disabled_is_not_ready() -> None:
    assert ready(stored(), worker(5, "no key\n  set it")) == ("False", "Refused", "no key\nset it", "3")
    several = [worker(5, "a"), worker(5, "b", name="x"), worker(5, "a", name="y")]
    assert ready(stored(), *several)[2] == "a\nb"
    for workers in ([worker()], []):
        assert ready(stored(spec=DISABLED), *workers) == ("False", "Disabled", "spec.enabled is false", "3")


def test_a_worker_that_is_behind_has_an_earlier_build_and_has_not_observed_this_generation() -> None:
    assert ready(stored(), worker(4, builds=2)) == ("True", "Built", "built by 1 of 1 live workers", "None")
    both = (worker(4), worker(5, name="x"))
    assert ready(stored(), *both) == ("True", "Built", "built by 1 of 2 live workers", "None")


def test_what_is_refused_elsewhere_is_not_its_own() -> None:
    assert ready(stored(), worker(5, "no key", subject="Provider/other"))[0] == "True"


BINDING = stored("Binding", {"model": "m", "provider": "p", "enabled": True}, name="b")
MODEL = stored("Model", {}, name="m")


@pytest.mark.parametrize(
    ("binding", "workers", "around", "told"),
    [
        (BINDING, [worker()], Around(MODEL, stored()), ("True", "ProviderReady")),
        (BINDING, [worker(5, "no key")], Around(MODEL, stored()), ("False", "ProviderNotReady")),
        (BINDING, [worker()], Around(MODEL, stored(spec=DISABLED)), ("False", "ProviderNotReady")),
        (BINDING, [], Around(MODEL, stored()), ("Unknown", "NoWorker")),
        (BINDING, [worker(4, builds=4)], Around(MODEL, stored(revision=4)), ("Unknown", "Pending")),
        (BINDING, [worker()], Around(stored()), ("False", "RefNotFound")),
        (BINDING, [worker()], Around(MODEL), ("False", "RefNotFound")),
        (replace(BINDING, resource=replace(BINDING.resource, spec=DISABLED)), [worker()], Around(), ("False", "Disabled")),
    ],
)  # fmt: skip
def test_a_binding_is_ready_when_both_ends_are(
    binding: StoredResource, workers: list[WorkerRow], around: Around, told: tuple[str, str]
) -> None:
    assert ready(binding, *workers, around=around)[:2] == told


@pytest.mark.parametrize(
    ("workers", "around", "told"),
    [
        ([worker()], Around(BINDING, MODEL, stored()), ("True", "Served", "served by Binding/team/b")),
        ([worker()], Around(), ("False", "NoBinding", "no binding names it")),
        (
            [worker(5, "no key")],
            Around(BINDING, MODEL, stored()),
            ("False", "NoReadyBinding", "Binding/team/b: Provider/team/p: no key"),
        ),
        ([], Around(BINDING, MODEL, stored()), ("Unknown", "NoWorker", "no worker is live")),
        (
            [worker()],
            Around(replace(BINDING, revision=6), MODEL, stored()),
            ("Unknown", "NoReadyBinding", "Binding/team/b: 0 of 1 live workers serve revision 6"),
        ),
    ],
)
def test_a_model_is_ready_when_a_binding_is(
    workers: list[WorkerRow], around: Around, told: tuple[str, str, str]
) -> None:
    assert ready(MODEL, *workers, around=around)[:3] == told


@pytest.mark.parametrize("kind", ["Settings", "Secret"])
def test_what_nothing_is_built_for_is_ready_when_it_is_served(kind: str) -> None:
    conditions = found(stored(kind), worker())
    assert replace(conditions["Programmed"], type="Ready") == conditions["Ready"]
    assert conditions["Ready"].status == "True"


@pytest.mark.parametrize(
    ("settings", "provider", "told"),
    [
        ({"activeProvider": "p", "unknownModels": "forward"}, stored(), ("True", "Forwarded")),
        (
            {"activeProvider": "p", "unknownModels": "forward"},
            stored(spec={"enabled": False}),
            ("False", "ProviderNotReady"),
        ),
        ({"activeProvider": "z", "unknownModels": "forward"}, stored(), ("False", "NoBinding")),
        ({"activeProvider": "p", "unknownModels": "reject"}, stored(), ("False", "NoBinding")),
        ({"unknownModels": "forward"}, stored(), ("False", "NoBinding")),
    ],
)
def test_a_model_without_bindings_is_ready_where_the_active_provider_takes_it(
    settings: JsonObject, provider: StoredResource, told: tuple[str, str]
) -> None:
    around = Around(stored("Settings", settings, name="default"), provider)
    assert ready(MODEL, worker(), around=around)[:2] == told


def test_a_model_waits_for_the_settings_that_forward_it() -> None:
    settings: JsonObject = {"activeProvider": "p", "unknownModels": "forward"}
    around = Around(stored("Settings", settings, name="default", revision=6), stored())
    status, reason, message, _ = ready(MODEL, worker(), around=around)
    assert (status, reason) == ("Unknown", "Pending")
    assert "active Provider/team/p" in message


def test_the_parameters_of_a_binding_are_no_secrets() -> None:
    config: JsonObject = {
        "defaults": {"a": {"valueFrom": {"secret": {"name": "z", "key": "k"}}}, "b": {"sealed": 1}}
    }
    bound = stored("Binding", {"model": "m", "provider": "p", "config": config}, name="b")
    conditions = found(bound, worker(), around=Around(MODEL, stored()))
    assert conditions["ResolvedRefs"].message == "all that it refers to is there"


def test_settings_refer_to_the_active_provider() -> None:
    settings = stored("Settings", {"activeProvider": "p"}, name="default")
    missing = found(settings, worker())["ResolvedRefs"]
    assert (missing.status, missing.reason, missing.message) == (
        "False",
        "RefNotFound",
        "Provider/team/p does not exist",
    )
    assert found(settings, worker(), around=Around(stored()))["ResolvedRefs"].status == "True"
    assert found(stored("Settings", {}), worker())["ResolvedRefs"].status == "True"


@pytest.mark.parametrize(
    ("workers", "told"),
    [
        ([], ("Unknown", "NoWorker", None)),
        ([worker()], ("True", "Programmed", 3)),
        ([worker(), worker(4, name="x")], ("False", "Pending", None)),
        ([worker(5, "no key")], ("False", "Refused", 3)),
        ([worker(4, "no disk", subject=WHOLE)], ("False", "RevisionRefused", None)),
    ],
)
def test_programmed_is_what_every_live_worker_serves(
    workers: list[WorkerRow], told: tuple[str, str, int | None]
) -> None:
    programmed = found(stored(), *workers)["Programmed"]
    assert (programmed.status, programmed.reason, programmed.observed_generation) == told


def test_what_is_stored_is_accepted_unless_a_worker_refuses_its_config() -> None:
    accepted = found(stored())["Accepted"]
    assert accepted == Condition("Accepted", "True", "Accepted", "its spec is valid", 3, CREATED)
    for cause, reason in (("Invalid", "Invalid"), ("Internal", "NotBuilt"), ("", "NotBuilt")):
        refused = found(stored(), worker(5, "bad", cause=cause))
        assert (refused["Accepted"].status, refused["Accepted"].reason) == ("False", reason)
        assert refused["ResolvedRefs"].status == "True"
    assert found(stored(), worker(5, "no key"))["Accepted"].status == "True"


SECRET = stored("Secret", {"data": {"K": {"sealed": "v-1"}}}, name="keys")


@pytest.mark.parametrize(
    ("config", "workers", "around", "told"),
    [
        (FROM_SECRET, [worker()], Around(SECRET), ("True", "ResolvedRefs")),
        (FROM_SECRET, [worker()], Around(), ("False", "RefNotFound")),
        (FROM_SECRET, [], Around(stored("Secret", {"data": {}}, name="keys")), ("False", "RefNotFound")),
        (FROM_ENV, [], Around(), ("Unknown", "NoWorker")),
        (FROM_ENV, [worker(4)], Around(), ("Unknown", "Pending")),
        (FROM_ENV, [worker(5, "not set")], Around(), ("False", "SecretUnavailable")),
        (FROM_ENV, [worker(5, "not set", cause="NotTrusted")], Around(), ("False", "RefNotPermitted")),
        ({"apiKey": {"sealed": "v-2"}}, [worker()], Around(), ("True", "ResolvedRefs")),
        ({}, [], Around(), ("True", "ResolvedRefs")),
    ],
)
def test_references_are_resolved_where_they_are_used(
    config: JsonObject, workers: list[WorkerRow], around: Around, told: tuple[str, str]
) -> None:
    resolved = found(stored(spec={"config": config}), *workers, around=around)["ResolvedRefs"]
    assert (resolved.status, resolved.reason) == told


def test_nobody_resolves_the_secrets_of_a_disabled_provider() -> None:
    resolved = found(stored(spec={**DISABLED, "config": FROM_ENV}), worker())["ResolvedRefs"]
    assert (resolved.status, resolved.reason, resolved.observed_generation) == ("Unknown", "Disabled", 3)


def test_a_binding_names_what_it_lacks() -> None:
    resolved = found(BINDING, around=Around())["ResolvedRefs"]
    assert (resolved.status, resolved.observed_generation) == ("False", 3)
    assert resolved.message == "Model/team/m does not exist\nProvider/team/p does not exist"
    assert found(BINDING, around=Around(MODEL, stored()))["ResolvedRefs"].status == "True"


def at(seconds: int, reason: str, revision: int = 5, subject: str = "", cause: str = "") -> Transition:
    return Transition(seconds, "w", reason, subject, revision, cause, number=1)


def times(conditions: dict[str, Condition]) -> dict[str, str | None]:
    return {kind: (each.last_transition_time or "-")[-4:] for kind, each in conditions.items()}


def test_since_when_it_is_so() -> None:
    served = [at(1, SERVING, 4), at(5, SERVING)]
    refused = [*served, at(7, REFUSED, 6, str(KEY), "SecretError")]
    over = [*refused, at(9, RECOVERED, 6, str(KEY), "SecretError")]
    provider = stored(spec={"config": FROM_ENV})
    assert times(found(provider, worker(6, builds=4), log=served)) == {
        "Accepted": ":00Z", "ResolvedRefs": ":05Z", "Programmed": ":05Z", "Ready": ":01Z", "Healthy": ":05Z"
    }  # fmt: skip
    assert times(found(provider, worker(6, "no key"), log=refused)) == {
        "Accepted": ":00Z", "ResolvedRefs": ":07Z", "Programmed": ":07Z", "Ready": ":07Z", "Healthy": "-"
    }  # fmt: skip
    assert times(found(provider, worker(6), log=over)) == {
        "Accepted": ":00Z", "ResolvedRefs": ":09Z", "Programmed": ":09Z", "Ready": ":09Z", "Healthy": ":05Z"
    }  # fmt: skip
    around = Around(BINDING, MODEL, provider)
    assert times(found(BINDING, worker(6), around=around, log=over))["Ready"] == ":09Z"
    assert times(found(MODEL, worker(6), around=around, log=over))["Ready"] == ":09Z"
    assert times(found(MODEL, worker(6), around=around))["Ready"] == "-"


def test_a_config_that_is_accepted_again_says_since_when() -> None:
    log = [at(5, SERVING), at(7, REFUSED, 5, str(KEY), "Invalid"), at(8, RECOVERED, 6, str(KEY), "Invalid")]
    assert times(found(stored(), worker(6), log=log))["Accepted"] == ":08Z"


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_has_its_conditions_in_one_order(kind: str) -> None:
    config: JsonObject = {"expiresAt": "2999-01-01T00:00:00Z"}
    told = tuple(found(stored(kind, {"model": "m", "provider": "p", "config": config}), worker()))
    assert told == condition_types(kind)
    expected = ("Accepted", "ResolvedRefs", "Programmed", "Ready", "Healthy", "CredentialsValid")
    assert told == tuple(each for each in expected if each in told)
    assert {"Accepted", "Programmed", "Ready"} <= set(told)


def test_a_status_holds_for_the_generation_that_was_observed() -> None:
    condition = Condition("Ready", "True", "Built", "m", 2)
    assert condition.holds("True", 2)
    assert not condition.holds("False", 2)
    assert not condition.holds("True", 3)
    assert not replace(condition, observed_generation=None).holds("True", 3)
    assert Condition("Ready", "Unknown", "NoWorker", "m").holds("Unknown", 3)


def test_as_kubernetes_writes_it() -> None:
    whole = Condition("Ready", "True", "Built", "m", 3, "2026-01-01T00:00:00Z")
    assert condition_json(whole) == {
        "type": "Ready", "status": "True", "reason": "Built", "message": "m",
        "observedGeneration": 3, "lastTransitionTime": "2026-01-01T00:00:00Z",
    }  # fmt: skip
    assert set(condition_json(Condition("Ready", "Unknown", "NoWorker", "m"))) == {
        "type", "status", "reason", "message"
    }  # fmt: skip


def test_what_is_being_deleted_is_not_ready() -> None:
    for kind in KINDS:
        of = stored(kind, {})
        marked = replace(of.resource, finalizers=("a", "b"), deletion_timestamp="2026-02-02T00:00:00Z")
        told = "being deleted since 2026-02-02T00:00:00Z, waits for finalizers: a, b"
        assert ready(replace(of, resource=marked), worker()) == ("False", "Terminating", told, "3")


ROUTE: JsonObject = {"targets": [{"model": "m"}, {"model": "m", "provider": "p"}, {"provider": "p"}]}


def test_a_route_is_ready_where_one_of_its_targets_is() -> None:
    around = Around(stored("Model", {}, name="m"), BINDING, stored())
    ready = found(stored("Route", ROUTE, name="r"), worker(builds=5), around=around)
    assert (ready["Ready"].status, ready["Ready"].reason) == ("True", "Served")
    assert ready["ResolvedRefs"].status == "True"
    refused = found(stored("Route", ROUTE, name="r"), worker(5, "no key"), around=around)["Ready"]
    assert (refused.status, refused.reason) == ("False", "NoReadyTarget")
    assert "no key" in refused.message


def test_a_route_names_what_is_not_there() -> None:
    there = Around(stored())
    resolved = found(stored("Route", ROUTE, name="r"), worker(), around=there)["ResolvedRefs"]
    assert (resolved.status, resolved.message) == ("False", "Model/team/m does not exist")
    waits = found(stored("Route", ROUTE, name="r"), worker(4), around=there)["Ready"]
    assert (waits.status, waits.reason) == ("Unknown", "Pending")
    off = found(stored("Route", {**ROUTE, **DISABLED}, name="r"), worker(), around=there)["Ready"]
    assert off.reason == "Disabled"


def test_a_client_key_is_ready_while_a_key_of_it_is_accepted() -> None:
    key: JsonObject = {"id": "0aZ4kQ81mTq2", "hash": "sha256:" + "0" * 64}
    ready = found(stored("ClientKey", {"keys": [key]}, name="c"), worker())["Ready"]
    assert ready.status == "True"
    off = found(stored("ClientKey", {"keys": [key], "enabled": False}, name="c"), worker())["Ready"]
    assert (off.status, off.reason) == ("False", "Disabled")
    ended: JsonObject = {**key, "expires": "1969-01-01T00:00:00Z"}
    expired = found(stored("ClientKey", {"keys": [ended]}, name="c"), worker())["Ready"]
    assert (expired.status, expired.reason, expired.last_transition_time) == (
        "False",
        "Expired",
        "1969-01-01T00:00:00Z",
    )
