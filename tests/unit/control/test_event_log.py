from reconciler.control.event_log import Entry, entry_json, merged, of_changes, of_transitions
from reconciler.resources.resource import ResourceKey
from reconciler.store.observations import WHOLE
from reconciler.store.records import EMPTY_STORE, Event, Sought
from reconciler.store.transitions import FAILED, RECOVERED, REFUSED, SERVING, Transition

LOG = [
    Transition(1, "w", SERVING, "", 4),
    Transition(2, "w", REFUSED, "Provider/p", 4, "SecretError", "no key"),
    Transition(3, "w", REFUSED, "Provider/team/p", 4),
    Transition(4, "w", REFUSED, WHOLE, 4, "", "no disk"),
    Transition(5, "", FAILED, "repo/config", 4, "", "bad"),
    Transition(6, "", RECOVERED, "repo/config", 5),
]


def subjects(sought: Sought) -> list[str]:
    return [entry.subject for entry in of_transitions(LOG, sought)]


def test_what_workers_and_sources_went_through() -> None:
    assert subjects(Sought()) == [
        "worker/w", "Provider/p", "Provider/team/p", "worker/w", "source/repo/config", "source/repo/config"
    ]  # fmt: skip
    serving, refused, *_ = of_transitions(LOG, Sought())
    assert serving == Entry("1970-01-01T00:00:01Z", "Serving", "worker/w", 4, "worker/w", "serves revision 4")
    assert (refused.actor, refused.message) == ("worker/w", "no key")


def test_what_is_sought() -> None:
    assert subjects(Sought(keys=(ResourceKey("Provider", "team", "p"),))) == ["Provider/team/p"]
    assert subjects(Sought(namespace="default")) == ["Provider/p"]
    assert subjects(Sought(namespace="team")) == ["Provider/team/p"]
    assert len(subjects(Sought(since="1970-01-01T00:00:04Z"))) == 3


def test_changes_stand_before_what_came_of_them() -> None:
    revision = EMPTY_STORE.__class__(
        4, 3, "1970-01-01T00:00:01Z", "ada", None, None, False, "why", "apply", "d"
    )
    event = Event(9, 4, "ADDED", ResourceKey("Provider", "default", "p"), None, "d")
    changes = list(of_changes([(event, revision)]))
    both = merged(changes, of_transitions(LOG, Sought()))
    assert both[0] == Entry("1970-01-01T00:00:01Z", "ADDED", "Provider/p", 4, "ada", "why", 9)
    assert [entry.type for entry in both[:3]] == ["ADDED", "Serving", "Refused"]


def test_as_json() -> None:
    assert entry_json(Entry("t", "ADDED", "Provider/p", 4, "ada", "", 9)) == {
        "time": "t", "type": "ADDED", "resourceVersion": "9", "subject": "Provider/p", "revision": 4,
        "actor": "ada", "message": None,
    }  # fmt: skip
    assert entry_json(Entry("t", "Failed", "source/s", 4, "", "m"))["resourceVersion"] is None
