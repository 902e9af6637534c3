import pytest

from reconciler.control.manifest.document import InvalidManifests
from reconciler.control.new_secret import new_secret, with_value, without_value
from reconciler.errors import NotFound, Refused
from reconciler.json_types import JsonObject
from reconciler.resources.resource import ResourceKey
from reconciler.secrets.value import SecretValue

KEY = ResourceKey("Secret", "team", "keys")
ODD = SecretValue("  a: 'b' # \u2028 \ud7ff {é}\t\n")


def test_one_that_is_new_declares_just_what_was_given() -> None:
    made = new_secret(KEY, "OPENAI", ODD, ("a.example",))
    assert made.key == KEY
    assert made.resource.spec == {"hosts": ["a.example"], "data": {"OPENAI": {"value": ODD.reveal()}}}
    assert new_secret(KEY, "K", ODD, ()).resource.spec == {"data": {"K": {"value": ODD.reveal()}}}


@pytest.mark.parametrize(
    ("key", "entry", "hosts", "words"),
    [
        (KEY._replace(name="bad name"), "K", (), "metadata.name: not a valid name"),
        (KEY, "bad key", (), "not a valid key"),
        (KEY, "K", ("https://x",), "not a host"),
    ],
)
def test_names_that_no_manifest_may_have(
    key: ResourceKey, entry: str, hosts: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InvalidManifests, match=words) as refused:
        new_secret(key, entry, SecretValue("canary"), hosts)
    assert "canary" not in str(refused.value)


def test_one_that_is_there_keeps_the_rest() -> None:
    target: JsonObject = {
        "kind": "Secret",
        "spec": {"hosts": ["a"], "data": {"K": {"sealed": "v-1"}, "L": {"sealed": "v-2"}}},
    }
    assert with_value(target, "K", SecretValue("x"), ("a", "b", "b")) == {
        "kind": "Secret",
        "spec": {"hosts": ["a", "b"], "data": {"K": {"value": "x"}, "L": {"sealed": "v-2"}}},
    }
    assert with_value({"spec": {"data": {}}}, "K", SecretValue("x"), ()) == {
        "spec": {"data": {"K": {"value": "x"}}}
    }


def test_a_value_is_taken_out_and_the_last_one_stays() -> None:
    target: JsonObject = {
        "kind": "Secret",
        "spec": {"hosts": ["a"], "data": {"K": {"sealed": "v-1"}, "L": {}}},
    }
    left = without_value(target, KEY, "L")
    assert left == {"kind": "Secret", "spec": {"hosts": ["a"], "data": {"K": {"sealed": "v-1"}}}}
    assert isinstance(left, dict)
    with pytest.raises(Refused, match="K is all that Secret/team/keys holds"):
        without_value(left, KEY, "K")
    without: tuple[JsonObject, ...] = (left, {"spec": {}}, {})
    for odd in without:
        with pytest.raises(NotFound, match="has no L"):
            without_value(odd, KEY, "L")
