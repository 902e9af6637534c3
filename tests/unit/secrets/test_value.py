import copy
import dataclasses
import json
import logging
import pickle
import traceback

import pytest
from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticSerializationError

from reconciler.secrets.value import SecretValue

CANARY = "sk-canary-1f7e9a"


@dataclasses.dataclass
class Holder:
    key: SecretValue


class Model(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    key: SecretValue


@pytest.fixture
def secret() -> SecretValue:
    return SecretValue(CANARY)


def test_it_shows_itself_when_asked(secret: SecretValue) -> None:
    assert secret.reveal() == CANARY


def test_no_text_form_shows_it(secret: SecretValue) -> None:
    forms = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r}",
        f"{secret:>40}",
        "%s %r" % (secret, secret),  # noqa: UP031  one of the forms
        "{} {!r:>9}".format(secret, secret),  # noqa: UP032  one of the forms
        ascii(secret),
        repr([secret]),
        repr({"key": secret}),
        repr(Holder(secret)),
        json.dumps({"key": secret}, default=str),
        json.dumps({"key": secret}, default=repr),
        str(dataclasses.asdict(Holder(secret))),
        str(copy.deepcopy([secret])),
        str(dir(secret)),
        str(type(secret).__dict__),
    ]
    assert all(CANARY not in form for form in forms)
    assert str(secret) == f"{secret:>40}" == "***"


def test_no_log_line_shows_it(secret: SecretValue, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").debug("key %s %r", secret, {"key": secret})
        logging.getLogger("test").error("failed", extra={"key": secret})
    assert caplog.records
    assert CANARY not in caplog.text
    assert all(CANARY not in str(vars(record)) for record in caplog.records)


def test_no_traceback_shows_it(secret: SecretValue) -> None:
    def fail(key: SecretValue) -> None:
        raise ValueError(key, f"bad {key}")

    with pytest.raises(ValueError, match="bad") as caught:
        fail(secret)
    lines = traceback.TracebackException.from_exception(caught.value, capture_locals=True).format()
    assert CANARY not in "".join(lines)


def test_no_pydantic_dump_shows_it(secret: SecretValue) -> None:
    model = Model(key=secret)
    assert CANARY not in repr(model)
    assert CANARY not in str(model.model_dump())
    with pytest.raises(PydanticSerializationError) as caught:
        model.model_dump_json()
    assert CANARY not in str(caught.value)
    assert CANARY not in model.model_dump_json(fallback=str)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled(secret: SecretValue, protocol: int) -> None:
    with pytest.raises(TypeError, match="can't be serialised"):
        pickle.dumps(secret, protocol)


def test_its_state_is_not_handed_out(secret: SecretValue) -> None:
    with pytest.raises(TypeError, match="can't be serialised"):
        secret.__getstate__()
    with pytest.raises(TypeError):
        json.dumps(secret, default=vars)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_copies_are_the_value_itself(secret: SecretValue) -> None:
    assert copy.copy(secret) is copy.deepcopy(secret) is secret


def test_equality_is_of_contents(secret: SecretValue) -> None:
    assert secret == SecretValue(CANARY)
    assert secret != SecretValue("other")
    assert SecretValue("é") == SecretValue("é")
    assert secret != CANARY


def test_it_has_no_hash(secret: SecretValue) -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(secret)
