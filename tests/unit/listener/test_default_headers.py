from uvicorn.server import ServerState

from reconciler.listener.default_headers import DefaultHeaders


def test_they_are_written_anew_when_the_server_has_new_ones() -> None:
    state = ServerState()
    headers = DefaultHeaders(state)
    assert headers.lines() == b""
    state.default_headers = [(b"date", b"now"), (b"server", b"x")]
    assert headers.lines() == b"date: now\r\nserver: x\r\n"
    assert headers.lines() is headers.lines()
