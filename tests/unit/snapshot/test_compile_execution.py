from dataclasses import replace

from fakes.providers import PlainBuilder
from fakes.states import after, planned
from fakes.workshop import binding, model, remote, simulator

from reconciler.resources.resource import Resource, ResourceKey
from reconciler.resources.state import State
from reconciler.snapshot import compile as compiler
from reconciler.snapshot.compile import EMPTY, Compilation
from reconciler.snapshot.model import Policy, ServedModel

SETTINGS = ResourceKey("Settings", "default", "default")


class Stand:
    """A history of states, and the compilation that follows it."""

    def __init__(self, *resources: Resource) -> None:
        self.state = State()
        self.compilation: Compilation = EMPTY
        self.set(*resources)

    def set(self, *resources: Resource) -> None:
        now = after(self.state, planned({each.key: each for each in resources}, self.state).edits)
        changed = [(key, now.get(key)) for key in {*self.state, *now} if self.state.get(key) != now.get(key)]
        self.compilation = compiler.compile(self.compilation, changed, now.revision, PlainBuilder())
        self.state = now

    def model(self, name: str = "m") -> ServedModel:
        found = self.compilation.snapshot.namespace("default").find(name)
        assert found is not None
        return found[0]


def test_what_the_settings_say_of_executions_holds_where_nobody_says_more() -> None:
    own = replace(remote("own"), spec={**remote("own").spec, "retry": {"attempts": 5}})
    route = Resource(
        ResourceKey("Route", "default", "r"),
        {"match": {"models": ["m"]}, "parallelThreshold": 10, "timeouts": {"total": "1s"}},
    )
    stood = [
        model("m"),
        simulator(),
        own,
        binding("a", "m", "sim"),
        binding("b", "m", "own"),
        model("plain"),
        route,
    ]
    stand = Stand(*stood)

    def said() -> tuple[list[int | None], Policy | None, Policy | None, int | None]:
        namespace = stand.compilation.snapshot.namespace("default")
        assert namespace.routes is not None
        ruled = namespace.routes.listed[0].policy
        assert ruled is not None
        workers = ruled.split.workers if ruled.split is not None else None
        retries = [
            each.retry.attempts if each.retry is not None else None for each in stand.model("m").candidates
        ]
        return retries, stand.model("plain").exact.policy, namespace.policy, workers

    assert said() == ([None, 5], None, None, 3)
    stand.set(
        *stood,
        Resource(SETTINGS, {"execution": {"maxRetries": 2, "timeout": "30s", "maxParallelWorkers": 7}}),
    )
    assert said() == ([3, 5], Policy(total=30.0, by_settings=True), Policy(total=30.0, by_settings=True), 7)
    before = stand.model("m")
    stand.set(
        *stood,
        Resource(
            SETTINGS,
            {"execution": {"maxRetries": 2, "timeout": "30s", "maxParallelWorkers": 7}, "defaultModel": "m"},
        ),
    )
    assert stand.model("m") is before
    stand.set(*stood)
    assert said() == ([None, 5], None, None, 3)
