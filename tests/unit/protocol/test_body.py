import json

import pytest
from fakes.wire import recorded, recordings
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.body import RequestBody, _plain, _walked, read_request
from reconciler.protocol.errors import InvalidRequest, OpenAIError
from reconciler.protocol.parameters import Parameters
from reconciler.protocol.reservation import GUESSED_ANSWER, LOOKED_INTO, Weight, reservation

CHAT = b'{"model": "gpt-4o", "messages": [{"role": "user", "content": "hi"}], "stream": true}'

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
members = st.dictionaries(
    st.text(max_size=8).filter(lambda name: name not in {"model", "stream", "stream_options"}),
    json_values,
    max_size=5,
)


def refusal(body: bytes) -> OpenAIError:
    with pytest.raises(InvalidRequest) as caught:
        read_request(body)
    assert caught.value.error.status == 400
    assert str(caught.value) == caught.value.error.message
    return caught.value.error


def test_reads_what_routing_needs() -> None:
    body = b' { "stream_options" : {"include_usage": true}, "stream":true ,"model":"a/b:c"}\n'
    read = read_request(body)
    assert (read.model, read.stream, read.lacks_usage) == ("a/b:c", True, False)
    assert read.raw is body
    assert read.model_span is not None
    assert body[slice(*read.model_span)] == b'"a/b:c"'


@pytest.mark.parametrize("body", [b"{}", b' {"messages": []}', b'{"model": null, "stream": null}'])
def test_model_and_stream_may_be_missing_or_null(body: bytes) -> None:
    read = read_request(body)
    assert (read.model, read.stream, read.lacks_usage) == (None, False, False)


def test_only_the_span_of_model_changes() -> None:
    body = '{"a": "жи\\u0041", "model" : "gpt-é", "b":[1.50, 1e3, "model"], "c": {"model": "x"}}'.encode()
    assert read_request(body).with_model("other") == body.replace('"gpt-é"'.encode(), b'"other"')


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{}", b'{"model": "m"}'),
        (b" {  }", b' {"model": "m"  }'),
        (b'\n{ "a": 1}', b'\n{"model": "m",  "a": 1}'),
    ],
)
def test_a_missing_model_is_put_first(body: bytes, expected: bytes) -> None:
    assert read_request(body).with_model("m") == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("", '"stream_options": {"include_usage": true}, '),
        ('"stream_options":null', '"stream_options":{"include_usage": true}'),
        ('"stream_options" : { }', '"stream_options" : {"include_usage": true }'),
        ('"stream_options":{"é":"жи"}', '"stream_options":{"include_usage": true, "é":"жи"}'),
        (
            '"stream_options":{"é":1,"include_usage" : false}',
            '"stream_options":{"é":1,"include_usage" : true}',
        ),
        ('"stream_options":{"include_usage":null}', '"stream_options":{"include_usage":true}'),
    ],
)
def test_usage_is_asked_for_where_it_is_missing(options: str, expected: str) -> None:
    """All else stays as it came, byte for byte."""
    form = '{%s"é" : "ё",%s "model":"m" ,"stream" :true, "n":1.50}'
    first = expected if not options else ""
    body = form % ("", f"{options}," if options else "")
    wanted = form % (first, f"{expected}," if options else "")
    read = read_request(body.encode())
    assert read.lacks_usage
    assert read.with_model("m", ask_usage=True).decode() == wanted
    assert read.with_model("other", ask_usage=True).decode() == wanted.replace('"m"', '"other"')
    assert read.with_model("m") is read.raw


def test_model_and_usage_may_both_be_put_in() -> None:
    spliced = read_request(b'{"stream": true}').with_model("m", ask_usage=True)
    assert json.loads(spliced) == {"model": "m", "stream_options": {"include_usage": True}, "stream": True}


@pytest.mark.parametrize(
    "members",
    [
        '"stream": true, "stream_options": {"include_usage": true}',
        '"stream": true, "stream_options": "x"',
        '"stream": true, "stream_options": {"include_usage": "yes"}',
        '"stream": false',
        '"stream": null, "stream_options": null',
    ],
)
def test_usage_is_not_asked_for_where_it_is_or_would_be_wrong(members: str) -> None:
    body = f'{{"model": "m", {members}}}'.encode()
    read = read_request(body)
    assert not read.lacks_usage
    assert read.with_model("m", ask_usage=True) == body


def test_two_wishes_for_usage_are_refused() -> None:
    body = b'{"stream": true, "stream_options": {"include_usage": false, "include_usage": false}}'
    assert refusal(body).param == "include_usage"


def test_a_null_model_is_replaced() -> None:
    assert read_request(b'{"model":null,"a":1}').with_model("m") == b'{"model":"m","a":1}'


def test_an_escaped_name_is_the_same_name() -> None:
    assert read_request(b'{"mod\\u0065l": "x"}').model == "x"


def test_a_name_is_written_as_one_json_string() -> None:
    written = read_request(CHAT).with_model('a"}\r\n\ud800é')
    assert json.loads(written)["model"] == 'a"}\r\n\ud800é'
    assert written.isascii()


@given(members, st.text(), st.text(), st.integers(0, 5), st.booleans())
def test_any_object_keeps_its_members(
    rest: dict[str, object], model: str, name: str, place: int, ascii_only: bool
) -> None:
    items = list(rest.items())
    items.insert(min(place, len(items)), ("model", model))
    text = json.dumps(dict(items), ensure_ascii=ascii_only)
    try:
        body = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        body = json.dumps(dict(items)).encode()
    read = read_request(body)
    assert read.model == model
    assert json.loads(read.with_model(name)) == {**dict(items), "model": name}


@given(members, st.text(max_size=5))
def test_any_object_without_a_model_gets_one(rest: dict[str, object], name: str) -> None:
    body = json.dumps(rest).encode()
    assert json.loads(read_request(body).with_model(name)) == {**rest, "model": name}


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode(errors="replace")))
def test_any_bytes_are_read_as_json_reads_them_or_refused(body: bytes) -> None:
    try:
        read = read_request(body)
    except InvalidRequest:
        return
    assert isinstance(json.loads(body), dict)
    assert isinstance(read, RequestBody)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"   ",
        b"{",
        b'{"a"',
        b'{"a":',
        b'{"a":1',
        b'{"a":1,',
        b'{"a":1,}',
        b"{,}",
        b'{"a" 1}',
        b'{"a":1 "b":2}',
        b"{a:1}",
        b"{'a':1}",
        b'{"a":1}}',
        b'{"a":1} {"b":2}',
        b'{"a":"\n"}',
        b'{"a":"\\x"}',
        b'{"a":NaN}',
        b'{"a":[-Infinity]}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    error = refusal(body)
    assert error.code == "invalid_json"
    assert error.message.startswith("We could not parse the JSON body of your request: ")


@pytest.mark.parametrize("body", [b"[]", b'"model"', b"1", b"null", b"true"])
def test_what_is_no_object_is_refused(body: bytes) -> None:
    assert refusal(body).message == "The request body must be a JSON object."


@pytest.mark.parametrize("body", [b'{"a":' * 100_000, b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}"])
def test_deep_nesting_is_refused(body: bytes) -> None:
    refusal(body)


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b'{"model":1}', "model"),
        (b'{"model":["a"]}', "model"),
        (b'{"model":{}}', "model"),
        (b'{"stream":"true"}', "stream"),
        (b'{"stream":1}', "stream"),
    ],
)
def test_wrong_types_name_the_parameter(body: bytes, param: str) -> None:
    error = refusal(body)
    assert (error.param, error.code) == (param, "invalid_type")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b'{"model":"a","x":1,"model":"b"}', "model"),
        (b'{"model":"a","mod\\u0065l":"a"}', "model"),
        (b'{"stream":true,"stream":false}', "stream"),
    ],
)
def test_what_two_parsers_might_read_differently_is_refused(body: bytes, param: str) -> None:
    error = refusal(body)
    assert error.param == param
    assert "twice" in error.message


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (b'{"model":"a","Model":"b"}', "Model"),
        (b'{"MODEL":"b"}', "MODEL"),
        (b'{"model":"a","mod\\u0045l":"b"}', "modEl"),
        (b'{"model":"a","stream":false,"Stream":true}', "Stream"),
        (b'{"model":"a","\\u017ftream":true}', "\u017ftream"),
        ('{"model":"a","\u017fTREAM":true}'.encode(), "\u017fTREAM"),
    ],
)
def test_what_a_parser_that_ignores_case_would_read_is_refused(body: bytes, param: str) -> None:
    error = refusal(body)
    assert error.param == param
    assert f"`{param}`" in error.message
    assert f"`{'model' if 'o' in param.lower() else 'stream'}`" in error.message


def test_case_counts_where_it_decides_nothing() -> None:
    body = b'{"model":"a","metadata":{"Model":"b"},"Modell":1,"Stream_Options":null}'
    assert read_request(body).with_model("a") == body


@pytest.mark.parametrize(
    "body",
    [
        b'{"canary": "secret-canary", oops}',
        b'{"canary": secret-canary}',
        b'{"model": 1, "a": "secret-canary"}',
    ],
)
def test_no_value_is_repeated(body: bytes) -> None:
    error = refusal(body)
    assert "canary" not in error.message
    assert "canary" not in repr(error)


def test_a_body_is_not_shown() -> None:
    assert "hi" not in repr(read_request(CHAT))


def test_recorded_requests_pass_through() -> None:
    paths = recordings("openai-c*/exchange-*.json")
    for path in paths:
        recording = json.loads(recorded(path))
        for exchange in recording if isinstance(recording, list) else [recording]:
            request = exchange["request"]["body"]
            spliced = read_request(json.dumps(request, indent=1).encode()).with_model("m")
            assert json.loads(spliced) == {**request, "model": "m"}
    if not paths:
        pytest.skip("no recorded exchanges beside the repository")


def test_members_are_told_where_they_are_asked_for() -> None:
    raw = b'{"model": "m", "tools": [1], "x": {"y": null}, "z": 1.5}'
    members: dict[str, object] = {}
    body = read_request(raw, frozenset({"tools", "x", "gone"}), members)
    assert members == {"tools": [1], "x": {"y": None}}
    assert (body.model, body.raw) == ("m", raw)
    escaped: dict[str, object] = {}
    read_request(b'{"\\u0078": 1}', frozenset({"x"}), escaped)
    assert escaped == {"x": 1}


@pytest.mark.parametrize("size", [0, 8 * 1024, LOOKED_INTO])
def test_a_body_of_any_size_is_read_alike(size: int) -> None:
    said = {
        "user": "x" * size,
        "model": "m",
        "stream": True,
        "messages": [{"content": "\u00e9"}],
        "max_tokens": 9,
    }
    raw = json.dumps(said, ensure_ascii=False).encode()
    read = read_request(raw)
    assert (read.model, read.stream) == ("m", True)
    assert json.loads(read.with_model("other", ask_usage=True)) == {
        **said,
        "model": "other",
        "stream_options": {"include_usage": True},
    }


def test_a_large_body_is_weighed_where_it_is_read() -> None:
    raw = json.dumps({"model": "m", "input": "x" * LOOKED_INTO, "n": 3, "max_tokens": 5}).encode()
    weight = read_request(raw).weight
    assert weight == Weight(LOOKED_INTO // 4, 5, 3)
    assert reservation(raw, weight, answers=True) == reservation(raw, answers=True) == (LOOKED_INTO // 4, 15)
    assert read_request(b'{"model": "m"}').weight is None


_SET = Parameters((("user", b'"u"'),), (("n", b"1"),), frozenset({"metadata", "\u00e9"}))

_PLAIN = [
    b'{"model":"m"}',
    b'{"model": "m"}',
    b'{"messages":[]}',
    b'{"model":"m","stream":false}',
    b' { "model" :\n"m", "stream":true\n} ',
    '{"model":"\u00e9","messages":[{"content":"\u0436\\n\\u00e9 \\"model\\": {["}],"user":"\u0444"}'.encode(),
    b'{"model": "m", "stream": true, "stream_options": {"include_usage": true}, "temperature": 1.5}',
    b'{"model":"m","stream":true,"n":2,"max_tokens":9,"stop":["a"],"tool_choice":{"type":"x"}}',
    b'{"model":"m","input":"' + b"a b " * 6000 + b'"}',
    b'{"model":"m","user":"' + b"7" * 2000 + b'","input":"' + b"x" * 3000 + b'"}',
]


@pytest.mark.parametrize("text", _PLAIN)
def test_what_nearly_all_clients_send_is_read_by_its_outline(text: bytes) -> None:
    plain, walked = _plain(text, frozenset({"model"}), {}), _walked(text, frozenset({"model"}), {})
    assert plain is not None
    assert (plain.model, plain.stream, plain.model_span) == (walked.model, walked.stream, walked.model_span)
    assert plain.with_model("x", ask_usage=True, parameters=_SET) == walked.with_model(
        "x", ask_usage=True, parameters=_SET
    )


@pytest.mark.parametrize(
    "text",
    [
        b'{"model":"m","model":"m"}',
        b'{"model":"","model":"b","a":1,"b":2,"c":3,"d":4,"e":5}',
        b'{"model":"m", "model":"m" }',
        b'{"model":"m","Model":"m"}',
        b'{"mod\\u0065l":"m"}',
        b'{"model":"\\u0041"}',
        b'{"model":null}',
        b'{"model":1}',
        b'{"stream":"true"}',
        b'{"stream":true,"stream_options":{"include_usage":false}}',
        b'{"model":"m","user":"\xff"}',
        b'{"model":"m","user":NaN}',
        b'{"model":"m","user":' + b"9" * 4400 + b"}",
        b'{"model":"m","user":' + b"[" * 801 + b"]" * 801 + b"}",
        b'{"model":"m"}{}',
    ],
)
def test_what_is_unusual_is_walked(text: bytes) -> None:
    assert _plain(text, frozenset(), None) is None


@pytest.mark.parametrize("padding", ["", "x" * LOOKED_INTO])
def test_a_member_of_one_name_that_only_a_walk_finds_is_refused(padding: str) -> None:
    raw = b'{"model":"","model":"b","a":1,"b":2,"c":3,"d":4,"e":"%b"}' % padding.encode()
    assert refusal(raw).param == "model"


def test_of_nested_limits_the_largest_counts_but_in_the_prompt() -> None:
    raw = (
        b'{"model":"m","max_tokens":9,"extra_body":{"max_tokens":900},"options":[{"n":3}],'
        b'"messages":[{"max_tokens":7000,"n":50}],"user":"\\"max_tokens\\": 8000"}'
    )
    assert read_request(raw).asked == 2700
    assert reservation(raw, None, 2700, answers=True) == (-(-len(raw) // 4), 2700)
    assert read_request(b'{"model":"m","best_of":2,"max_tokens":9}').asked == 18
    assert read_request(b'{"model":"m"}').asked == GUESSED_ANSWER
