import pytest
from cryptography.fernet import Fernet

from reconciler.errors import SecretError
from reconciler.secrets.fernet_text import FernetKey

KEY = Fernet.generate_key()


def test_a_value_opens_with_its_key() -> None:
    token = Fernet(KEY).encrypt(b"s3cret").decode()
    assert FernetKey(f"{KEY.decode()}\n", "the file k").open(token) == "s3cret"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        pytest.param(Fernet(Fernet.generate_key()).encrypt(b"s3cret").decode(), id="foreign"),
        "é",
    ],
)
def test_with_another_it_does_not(token: str) -> None:
    with pytest.raises(SecretError, match="the key of the file k does not open"):
        FernetKey(KEY.decode(), "the file k").open(token)


@pytest.mark.parametrize("text", ["", "short", "é" * 44])
def test_what_is_no_key_is_not_repeated(text: str) -> None:
    with pytest.raises(SecretError, match="what k holds is no Fernet key"):
        FernetKey(text, "k")


def test_a_key_does_not_show_itself() -> None:
    assert KEY.decode() not in repr(FernetKey(KEY.decode(), "k"))
