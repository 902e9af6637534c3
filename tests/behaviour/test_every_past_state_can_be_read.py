"""Random histories against a model in memory: states, changes between them, and the counting."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fakes.store import META, FakeEdit, open_writer
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.store.reader import Reader
from reconciler.store.verify import verify

_KEYS = [
    ResourceKey(kind, namespace, "x") for kind in ("Model", "Provider") for namespace in ("default", "team")
]
_CONTENT = st.none() | st.tuples(st.integers(0, 2), st.integers(0, 1), st.sampled_from(["one", "two"]))
_COMMIT = st.dictionaries(st.sampled_from(_KEYS), _CONTENT, max_size=4)

Content = tuple[int, int, str]
"""(spec value, label value, source)"""


def _edit(key: ResourceKey, content: Content | None) -> FakeEdit:
    if content is None:
        return FakeEdit(key, None)
    return FakeEdit(key, Resource(key, {"value": content[0]}, {"label": str(content[1])}), source=content[2])


class Model:
    """What the store promises, the slow and obvious way."""

    def __init__(self) -> None:
        self.states: list[dict[ResourceKey, Content]] = [{}]
        self.generations: list[dict[ResourceKey, int]] = [{}]
        self.changed = 0

    def commit(self, edits: Mapping[ResourceKey, Content | None]) -> None:
        before = self.states[-1]
        after = {**before, **{key: content for key, content in edits.items() if content is not None}}
        for key in [key for key, content in edits.items() if content is None]:
            after.pop(key, None)
        changed = {key for key in {*before, *after} if before.get(key, ())[:2] != after.get(key, ())[:2]}
        if not changed:  # a source alone belongs to the revision that stands
            self.states[-1] = after
            return
        generations = {
            key: self.generations[-1].get(key, 0) + (key not in before or before[key][0] != content[0])
            if key in before
            else 1
            for key, content in after.items()
        }
        self.changed += len(changed)
        self.states.append(after)
        self.generations.append(generations)


@given(st.lists(_COMMIT, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_past_state_can_be_read(commits: list[dict[ResourceKey, Content | None]]) -> None:
    model = Model()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "store.db"
        with open_writer(path) as writer:
            for commit in commits:
                base = len(model.states) - 1
                model.commit(commit)
                revision = writer.commit([_edit(*each) for each in commit.items()], base=base, meta=META)
                assert revision.number == len(model.states) - 1
        with Reader(path) as reader:
            _compare(reader, model)


def _compare(reader: Reader, model: Model) -> None:
    numbers = range(len(model.states))
    states = [reader.state_at(number) for number in numbers]
    assert reader.state() == states[-1]
    for number in numbers:
        contents = {
            key: (each.resource.spec["value"], int(each.resource.labels["label"]), each.source)
            for key, each in states[number].items()
        }
        assert contents == model.states[number]
        assert {key: each.generation for key, each in states[number].items()} == model.generations[number]
    for a in numbers:
        for b in numbers:
            expected = [
                (key, states[b].get(key))
                for key in sorted({*states[a], *states[b]})
                if _version(states[a].get(key)) != _version(states[b].get(key))
            ]
            assert reader.changes_between(a, b) == expected
    events = [event.resource_version for event in reader.events()]
    assert events == list(range(1, model.changed + 1))
    assert verify(reader) == []


def _version(stored: StoredResource | None) -> int | None:
    return None if stored is None else stored.resource_version
