from fakes.importing import key

from reconciler.control.importing.findings import Findings, FoundSecret, Point
from reconciler.secrets.value import SecretValue


def test_no_value_is_shown() -> None:
    secret = FoundSecret(
        "a.env", "KEY", SecretValue("s3cret"), key("Provider", "p"), ("config", "apiKey"), "P_API_KEY"
    )
    point = Point("a.env", "URL", key("Provider", "p"), ("config", "baseURL"), "http://s3cret")
    assert "s3cret" not in repr(Findings(secrets=(secret,), points=(point,)))
