from reconciler.control.secret_fields import secret_fields
from reconciler.json_types import JsonValue


def test_they_are_known_by_how_they_are_written() -> None:
    env: JsonValue = {"valueFrom": {"env": "A"}}
    sealed: JsonValue = {"sealed": "v-1"}
    config: JsonValue = {
        "apiKey": env,
        "tls": {"key": sealed, "ca": "PEM"},
        "baseURL": "x",
        "headers": {"valueFrom": "text"},
    }
    assert [*secret_fields(config)] == [env, sealed]
    assert [*secret_fields(None)] == []
