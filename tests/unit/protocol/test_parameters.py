import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.json_types import JsonObject, JsonValue
from reconciler.protocol.body import read_request
from reconciler.protocol.parameters import Edits, Member, Parameters, parameters


def made(**config: JsonValue) -> Parameters:
    found = parameters(config)
    assert found is not None
    return found


def sent(body: bytes, model: str = "m", **config: JsonValue) -> bytes:
    return read_request(body).with_model(model, parameters=made(**config))


def test_no_config_is_no_parameters() -> None:
    assert parameters(None) is None
    assert parameters({}) is None
    assert parameters({"defaults": {}, "drop": []}) is None


@pytest.mark.parametrize(
    ("written", "wire"),
    [
        ("0.2", b"0.2"),
        ("-1.50", b"-1.50"),
        ("0.20000000000000001", b"0.20000000000000001"),
        ("2", b'"2"'),
        (".5", b'".5"'),
        ("1.", b'"1."'),
        ("01.5", b'"01.5"'),
        ("+0.5", b'"+0.5"'),
        ("1.5e3", b'"1.5e3"'),
        ("1.2.3", b'"1.2.3"'),
        ("0.5\n", b'"0.5\\n"'),
        ("\u0661.\u0662", b'"\\u0661.\\u0662"'),
        ("", b'""'),
        (2, b"2"),
        (True, b"true"),
        (["0.5", 1], b'["0.5", 1]'),
        ({"version": "1.0"}, b'{"version": "1.0"}'),
    ],
)
def test_a_text_that_is_a_decimal_fraction_is_sent_as_a_number(written: JsonValue, wire: bytes) -> None:
    assert made(defaults={"p": written}).defaults == (("p", wire),)
    assert made(overrides={"p": written}).overrides == (("p", wire),)
    json.loads(wire)


def test_a_default_is_set_where_the_body_lacks_it() -> None:
    config: JsonObject = {"temperature": "0.2"}
    assert sent(b'{"model":"m"}', defaults=config) == b'{"temperature": 0.2, "model":"m"}'
    for own in (b'{"model":"m", "temperature" : 1e0}', b'{"model":"m","temperature":null}'):
        assert sent(own, defaults=config) == own
    escaped = b'{"model":"m","temperat\\u0075re":1}'
    assert sent(escaped, defaults=config) == escaped


def test_an_override_replaces_just_the_value() -> None:
    body = b'{"model":"m", "top_p" :  0.90 ,"x":1.0}'
    assert sent(body, overrides={"top_p": "0.5"}) == b'{"model":"m", "top_p" :  0.5 ,"x":1.0}'
    assert sent(body, overrides={"seed": 7}) == b'{"seed": 7, "model":"m", "top_p" :  0.90 ,"x":1.0}'
    twice = b'{"top_p":1,"model":"m","top_p":2}'
    assert sent(twice, overrides={"top_p": 3}) == b'{"top_p":3,"model":"m","top_p":3}'


@pytest.mark.parametrize(
    ("body", "drop", "left"),
    [
        (b'{"a":1, "model":"m"}', ["a"], b'{"model":"m"}'),
        (b'{"model":"m" , "a":1 }', ["a"], b'{"model":"m" }'),
        (b'{"model":"m","a":1,"b":2,"c":3}', ["a", "c"], b'{"model":"m","b":2}'),
        (b'{"a":1,"b":2,"model":"m","c":3,"a":4}', ["a", "b", "c"], b'{"model":"m"}'),
        (b'{"model":"m","a":{"b":[1]}}', ["b"], b'{"model":"m","a":{"b":[1]}}'),
        (b'{ "a":1 }', ["a"], b'{"model": "m"  }'),
        (b'{"a":1,"b":"x"}', ["a", "b"], b'{"model": "m"}'),
        (b'{"a":1,"b":"x"}', ["a"], b'{"model": "m", "b":"x"}'),
    ],
)
def test_what_is_dropped_goes_with_its_comma(body: bytes, drop: list[JsonValue], left: bytes) -> None:
    assert sent(body, drop=drop) == left


def test_all_of_it_at_once_beside_the_model_and_the_usage() -> None:
    body = '{"ü":"é", "model":"ö","stream":true,"n":2,"user":"ж"}'.encode()
    spliced = read_request(body).with_model(
        "up",
        ask_usage=True,
        parameters=made(
            defaults={"temperature": "0.2", "n": 9}, overrides={"seed": 1}, drop=["user", "logit_bias"]
        ),
    )
    assert list(json.loads(spliced).items()) == [
        ("seed", 1),
        ("temperature", 0.2),
        ("stream_options", {"include_usage": True}),
        ("ü", "é"),
        ("model", "up"),
        ("stream", True),
        ("n", 2),
    ]
    assert '"ü":"é", "model":"up","stream":true,"n":2}'.encode() in spliced


def test_an_empty_body_gets_the_model_and_what_is_set() -> None:
    assert sent(b"{}", defaults={"n": 1}, overrides={"k": "v"}) == b'{"model": "m", "k": "v", "n": 1}'


def test_a_body_that_needs_nothing_is_the_very_same() -> None:
    read = read_request(b'{"model":"m","n":1}')
    assert read.with_model("m", parameters=made(defaults={"n": 2}, drop=["x"])) is read.raw


def test_the_edits_of_no_members() -> None:
    assert Parameters(drop=frozenset({"a"})).edits(()) == Edits((), (), empty=True)
    assert not Parameters().edits((Member("a", 1, 5, 6),)).empty


names = st.sampled_from(["a", "b", "c", "d", "é", "ж\u2028", 'q"'])
values = st.none() | st.integers(-9, 9) | st.text(max_size=3) | st.lists(st.text(max_size=2), max_size=2)
settable = st.integers(-9, 9) | st.sampled_from(["0.5", "text", "-2.25"])
WIRE = {"0.5": 0.5, "-2.25": -2.25}


@given(
    st.lists(st.tuples(names, values), max_size=6, unique_by=lambda item: item[0]),
    st.dictionaries(names, st.tuples(st.sampled_from(["defaults", "overrides", "drop"]), settable)),
    st.booleans(),
    st.integers(0, 6),
    st.sampled_from([None, 1]),
)
def test_it_is_what_the_same_changes_of_the_object_would_be(
    own: Sequence[tuple[str, object]],
    config: dict[str, tuple[str, int | str]],
    ascii_only: bool,
    place: int,
    indent: int | None,
) -> None:
    items = [*own[:place], ("model", "m"), *own[place:]]
    body = json.dumps(dict(items), ensure_ascii=ascii_only, indent=indent).encode()

    def chosen(which: str) -> JsonObject:
        return {name: value for name, (where, value) in config.items() if where == which}

    spliced = read_request(body).with_model(
        "up",
        parameters=parameters(
            {
                "defaults": chosen("defaults"),
                "overrides": chosen("overrides"),
                "drop": [name for name, (where, _) in config.items() if where == "drop"],
            }
        ),
    )
    wanted = {name: value for name, value in items if config.get(name, ("",))[0] != "drop"}
    for which in ("defaults", "overrides"):
        for name, value in chosen(which).items():
            if which == "overrides" or name not in wanted:
                wanted[name] = WIRE.get(str(value), value)
    assert json.loads(spliced) == {**wanted, "model": "up"}
    kept = [name for name, _ in items if name in wanted]
    assert [name for name in json.loads(spliced) if name in kept] == kept
