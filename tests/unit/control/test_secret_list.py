from fakes.states import stored
from fakes.workshop import CIPHER, model, remote

from reconciler.control.secret_list import SecretField, secret_fields
from reconciler.json_types import JsonObject
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.cipher import Place
from reconciler.secrets.sealing import Scope
from reconciler.secrets.value import SecretValue

KEYS = ResourceKey("Secret", "default", "keys")
TEXT = CIPHER.public_key.seal(Place("default", "Secret", "keys", "x"), SecretValue("canary"), Scope.NAMESPACE)
DATA: JsonObject = {
    "A": {"sealed": "v-1"},
    "B": {"sealed": TEXT},
    "C": {"valueFrom": {"env": "X_API_KEY"}},
    "D.e": {"valueFrom": {"file": "/run/secrets/x"}},
    "E": {"sealed": "what is this"},
    "F": {"value": "canary"},
}


def test_each_with_how_it_is_held_where_it_goes_and_who_uses_it() -> None:
    refers = {"valueFrom": {"secret": {"name": "keys", "key": "D.e"}}}
    resources = [
        Resource(KEYS, {"hosts": ["a.example"], "data": DATA}),
        Resource(KEYS._replace(namespace="team"), {"data": {"A": {"sealed": "v-2"}}}),
        remote("far", apiKey=refers),
        remote("near", apiKey={"sealed": "v-3"}),
        model(),
    ]
    state = {resource.key: stored(resource) for resource in resources}
    rows = [*secret_fields(state, "default")]
    assert [(row.entry, row.form) for row in rows] == [
        ("spec.config.apiKey", "vault v-3"),
        ("A", "vault v-1"),
        ("B", f"sealed to {CIPHER.public_key.id}, scope namespace"),
        ("C", "env X_API_KEY"),
        ("D.e", "file /run/secrets/x"),
        ("E", "unreadable"),
        ("F", "in plain text"),
    ]
    assert "canary" not in repr(rows)
    assert rows[0].users == ("Provider/near",)
    used = SecretField(
        KEYS, "D.e", "file /run/secrets/x", ("a.example",), ("Provider/far spec.config.apiKey",)
    )
    assert rows[4] == used
    assert [str(row.key) for row in secret_fields(state, None)][-1] == "Secret/team/keys"
