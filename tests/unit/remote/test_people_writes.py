"""What it does is told by test_writes.py and tests/behaviour/both_ways."""

from reconciler.remote.people_writes import RemotePeopleWrites
from reconciler.remote.writes import RemoteWrites


def test_it_is_a_part_of_what_writes_remotely() -> None:
    for name in [
        "tokens",
        "first_cuts_off",
        "create_token",
        "revoke_tokens",
        "reset_providers",
        "ask_reload",
        "reloading",
    ]:
        assert getattr(RemoteWrites, name) is getattr(RemotePeopleWrites, name)
