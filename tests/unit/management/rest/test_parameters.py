import pytest
from starlette.requests import Request

from reconciler.listener.access import Parameter
from reconciler.management.problems import BadRequest
from reconciler.management.rest import parameters

DECLARED = (Parameter("a", "A."), Parameter("dryRun", "B."), Parameter("If-Match", "C.", place="header"))


def read(query: bytes) -> dict[str, str]:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": query}
    return dict(parameters.read(Request(scope), DECLARED))


def test_what_is_declared_is_read() -> None:
    assert read(b"") == {}
    assert read(b"a=x%20y&dryRun=") == {"a": "x y", "dryRun": ""}


@pytest.mark.parametrize(
    "query",
    [
        b"b=1",
        b"a=1&a=1",
        b"a=%ff",
        b"a",
        b"a=\xe4",
        b"a=%00",
        b"If-Match=1",
        b"A=1",
        b"&".join([b"a=1"] * 200),
    ],
    ids=range(9),
)
def test_all_else_is_refused(query: bytes) -> None:
    with pytest.raises(BadRequest):
        read(query)


def test_a_flag_is_yes_or_no() -> None:
    for text in ("true", "1", "All", "YES"):
        assert parameters.flag({"f": text}, "f")
    assert not parameters.flag({"f": "false"}, "f", default=True)
    assert parameters.flag({}, "f", default=True)
    assert parameters.optional_flag({}, "f") is None
    assert parameters.optional_flag({"f": "no"}, "f") is False
    with pytest.raises(BadRequest, match="true or false"):
        parameters.flag({"f": "maybe"}, "f")


def test_numbers_and_durations_are_bounded() -> None:
    assert parameters.number({}, "n", most=9) is None
    assert parameters.number({"n": "9"}, "n", most=9) == 9
    for text in ("0", "10", "-1", "x", "", "1" * 5000, "\u0661"):
        with pytest.raises(BadRequest):
            parameters.number({"n": text}, "n", most=9)
    assert parameters.seconds({}) == 30
    assert [parameters.seconds({"timeout": text}) for text in ("250ms", "1m30s", "2.5", "300")] == [
        0.25,
        90,
        2.5,
        300,
    ]
    for text in ("0", "301", "6m", "x", "-1", "1e2"):
        with pytest.raises(BadRequest):
            parameters.seconds({"timeout": text})
