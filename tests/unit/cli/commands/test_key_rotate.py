import json

import pytest
from fakes.command import Routerctl, manifest

from reconciler.secrets.key_text import hash_of


@pytest.fixture
def team(routerctl: Routerctl) -> str:
    """The id of the key of a ClientKey that was made."""
    done = routerctl("key", "create", "team", "--model", "m*")
    assert done.code == 0, done.err
    return done.out[3:15]


def test_a_second_key_takes_over(routerctl: Routerctl, team: str) -> None:
    done = routerctl("key", "rotate", "team", "--overlap", "2031-01-31")
    new = done.out.strip()
    assert (done.code, len(new)) == (0, 59)
    assert f"Its key {team} is accepted until 2031-01-31T00:00:00Z." in done.err
    rows = json.loads(routerctl("key", "list", "team", "-o", "json").out)["items"]
    assert [(row["id"], row["status"]) for row in rows] == [(team, "active"), (new[3:15], "active")]
    assert rows[0]["models"] == ["m*"]
    assert routerctl("key", "rotate", "nobody").code == 3


def test_it_ends_with_its_client(routerctl: Routerctl, team: str) -> None:
    assert routerctl("patch", "clientkey", "team", "-p", '{"spec": {"expires": "2031-01-31"}}').code == 3
    moment = "2031-01-31T00:00:00Z"
    assert routerctl("patch", "clientkey", "team", "-p", f'{{"spec": {{"expires": "{moment}"}}}}').code == 0
    done = routerctl("key", "rotate", "team", "--overlap", "2032-01-31")
    assert f"Its key {team} is accepted until {moment}.\n" in done.err
    assert f"The new one ends with its ClientKey, at {moment}: spec.expires." in done.err


def test_a_key_ends_at_once_or_as_soon_as_it_did_before(routerctl: Routerctl, team: str) -> None:
    second = routerctl("key", "rotate", "team", "--overlap", "2031-01-31")
    third = routerctl("key", "rotate", "team", "--overlap", "2032-01-31")
    assert f"Its key {team} is accepted until 2031-01-31T00:00:00Z." in third.err, "no longer than before"
    assert f"Its key {second.out[3:15]} is accepted until 2032-01-31T00:00:00Z." in third.err
    done = routerctl("key", "rotate", "team", "--overlap", "0s")
    assert f"Its key {team} is accepted no more." in done.err
    rows = json.loads(routerctl("key", "list", "team", "-o", "json").out)["items"]
    assert [row["status"] for row in rows] == ["expired", "expired", "expired", "active"]
    passed = routerctl("key", "rotate", "team", "--overlap", "2020-01-01")
    assert (passed.code, "--overlap: that moment has passed" in passed.err) == (2, True)


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ('{"enabled": false}', "spec.enabled is false"),
        ('{"expires": "2020-01-01T00:00:00Z"}', "its spec.expires has passed"),
    ],
)
def test_of_a_client_that_is_refused_no_key_is_said_to_be_accepted(
    routerctl: Routerctl, team: str, spec: str, why: str
) -> None:
    assert routerctl("patch", "clientkey", "team", "-p", f'{{"spec": {spec}}}').code == 0
    done = routerctl("key", "rotate", "team")
    assert (done.code, f"None of its keys is accepted, this one neither: {why}." in done.err) == (0, True)
    assert f"{team} is accepted" not in done.err


def test_where_git_declares_it_the_entry_is_told(routerctl: Routerctl) -> None:
    routerctl.write("a.yaml", manifest("ClientKey", "team", {"models": ["m"]}))
    assert routerctl("apply", "-f", routerctl.manifests, "--source", "acme").code == 0
    done = routerctl("key", "rotate", "team")
    assert f"- {{id: {done.out[3:15]}, hash: {hash_of(done.out.strip())}}}" in done.err


def test_a_rotation_may_be_rehearsed_and_shown_as_data(routerctl: Routerctl, team: str) -> None:
    dry = routerctl("key", "rotate", "team", "--overlap", "0s", "--dry-run")
    assert (dry.code, dry.out) == (0, "")
    assert f"Its key {team} is accepted no more." in dry.err
    rows = json.loads(routerctl("key", "list", "team", "-o", "json").out)["items"]
    assert [row["id"] for row in rows] == [team]
    done = routerctl("key", "rotate", "team", "--key-expires", "2031-01-31", "-o", "json").json()
    rows = json.loads(routerctl("key", "list", "team", "-o", "json").out)["items"]
    assert (done["clientKey"], rows[1]["id"], done["id"]) == ("team", done["id"], str(done["key"])[3:15])
    assert rows[1]["expires"] == "2031-01-31T00:00:00Z"
