import base64
import hashlib
import hmac

import pytest

from reconciler.errors import SecretError
from reconciler.secrets.signing import signature
from reconciler.secrets.value import SecretValue

BODY = b'{"test": 2432232314}'


def test_the_example_of_standard_webhooks() -> None:
    secret = SecretValue("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_another_text_is_its_own_key() -> None:
    expected = hmac.new(b"0123456789abcdef", b"m.5.x", hashlib.sha256).digest()
    assert (
        signature(SecretValue("0123456789abcdef"), "m", 5, b"x")
        == f"v1,{base64.b64encode(expected).decode()}"
    )


@pytest.mark.parametrize("text", ["whsec_***", "tooshort", "whsec_AAAA"])
def test_what_nothing_should_be_signed_with_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(SecretError) as error:
        signature(SecretValue(text), "m", 5, b"x")
    assert text not in str(error.value)
