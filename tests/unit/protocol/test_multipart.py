import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.errors import InvalidRequest
from reconciler.protocol.multipart import MAX_PARTS, MultipartBody, read_multipart
from reconciler.protocol.parameters import Parameters

TYPE = "multipart/form-data; boundary=XyZ"
FILE = (
    b'--XyZ\r\nContent-Disposition: form-data; name="file"; filename="a\\"b; name=model.wav"\r\n'
    b"Content-Type: audio/wav\r\n\r\nRIFF\r\n--Xy\0\xff\r\n--\r\n"
)
MODEL = b'--XyZ\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
END = b"--XyZ--\r\n"


def field(name: str, value: bytes, more: str = "") -> bytes:
    return f'--XyZ\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def refused(body: bytes, content_type: str = TYPE) -> str:
    with pytest.raises(InvalidRequest) as caught:
        read_multipart(body, content_type)
    assert (caught.value.error.status, caught.value.error.code) == (400, "invalid_multipart")
    return str(caught.value)


@pytest.mark.parametrize(
    "body", [FILE + MODEL + END, MODEL + FILE + END, b"preamble\r\n" + FILE + MODEL + END]
)
def test_only_the_models_span_changes(body: bytes) -> None:
    read = read_multipart(body, TYPE)
    assert (read.model, read.stream, read.lacks_usage) == ("whisper-1", False, False)
    assert read.with_model("é/large") == body.replace(b"whisper-1", "é/large".encode())
    assert read.with_model("whisper-1", ask_usage=True) is body
    assert read.with_model("whisper-1", parameters=Parameters(drop=frozenset({"file"}))) is body


def test_a_missing_model_gets_a_part() -> None:
    read = read_multipart(FILE + END, TYPE)
    assert read.model is None
    assert read.with_model("m") == field("model", b"m") + FILE + END
    assert read_multipart(read.with_model("m"), TYPE).model == "m"


def test_an_empty_model_is_none_and_replaced() -> None:
    read = read_multipart(field("model", b"") + END, TYPE)
    assert read.model is None
    assert read_multipart(read.with_model("m"), TYPE).model == "m"


@pytest.mark.parametrize(
    ("value", "stream"), [(b"true", True), (b"True", True), (b"1", True), (b"false", False)]
)
def test_stream_is_read(value: bytes, stream: bool) -> None:
    assert read_multipart(MODEL + field("stream", value) + END, TYPE).stream is stream


@pytest.mark.parametrize(
    ("content_type", "passed"),
    [
        ("multipart/form-data; boundary=XyZ", "multipart/form-data; boundary=XyZ"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="XyZ"; x=y', "multipart/form-data; boundary=XyZ"),
    ],
)
def test_the_boundary_goes_on_and_nothing_else(content_type: str, passed: str) -> None:
    assert read_multipart(MODEL + END, content_type).content_type == passed


def test_a_boundary_that_needs_quotes_gets_them() -> None:
    content_type = 'multipart/form-data; boundary="a b:c"'
    body = (MODEL + END).replace(b"--XyZ", b"--a b:c")
    assert read_multipart(body, content_type).content_type == content_type


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        'multipart/form-data; boundary="a\r\nb"',
        "multipart/form-data; boundary=" + "x" * 71,
        "multipart/mixed; boundary=XyZ",
        'multipart/form-data; a="; boundary=XyZ',
    ],
)
def test_without_a_boundary_nothing_is_read(content_type: str) -> None:
    assert "boundary" in refused(MODEL + END, content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no parts",
        MODEL,
        MODEL + b"--XyZ",
        MODEL + b"--XyZ-- and more",
        MODEL + END + MODEL + END,
        b"x" + MODEL + END,
        MODEL.replace(b"\r\n", b"\n") + END,
        MODEL + b"--XyZw\r\n\r\n" + END,
        MODEL + MODEL + END,
        MODEL + field("model", b"other") + END,
        field("stream", b"true") + field("stream", b"false") + END,
        field("model", b"x", '; filename="model"') + END,
        field("model", b"x", '; name="file"') + END,
        field("model", b"x", "; name*=utf-8''file") + END,
        field("model", b"x" * 2000) + END,
        field("model", b"\xff") + END,
        b"--XyZ\r\n\r\nx\r\n" + END,
        b"--XyZ\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END,
        b'--XyZ\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n' + END,
        b'--XyZ\r\nContent-Disposition: form-data; name="a" junk\r\n\r\nx\r\n' + END,
        b'--XyZ\r\nContent-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: base64\r\n\r\nbQ==\r\n'
        + END,
        b'--XyZ\r\nContent-Disposition: form-data;\r\n name="model"\r\n\r\nx\r\n' + END,
        b'--XyZ\r\nContent-Disposition: form-data; name="a"\r\nContent-Disposition: form-data; name="model"\r\n\r\nx\r\n'
        + END,
        b"--XyZ\r\nX: " + b"x" * 10_000 + b"\r\n\r\nx\r\n" + END,
        field("a", b"x") * (MAX_PARTS + 1) + END,
    ],
)
def test_what_two_parsers_might_read_differently_is_refused(body: bytes) -> None:
    assert refused(body).startswith("We could not read the multipart body of your request: ")


def test_an_escaped_or_bare_name_is_the_same_name() -> None:
    for written in ('"mo\\del"', "model", '"model" '):
        body = f"--XyZ\r\ncontent-disposition: form-data; name={written}\r\n\r\nm\r\n--XyZ--".encode()
        assert read_multipart(body, TYPE).model == "m"


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(before: bytes, content: bytes) -> None:
    for body in (before, before + MODEL + END, field("file", content, '; filename="x"') + MODEL + END):
        try:
            read = read_multipart(body, TYPE)
        except InvalidRequest:
            continue
        assert isinstance(read, MultipartBody)
        assert read_multipart(read.with_model("another"), TYPE).model == "another"


def test_a_body_is_not_shown() -> None:
    assert "whisper" not in repr(read_multipart(MODEL + END, TYPE))
