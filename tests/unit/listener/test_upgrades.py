from reconciler.listener.upgrades import declined


def test_what_speaks_of_the_other_protocol_is_left_out() -> None:
    headers = [
        (b"host", b"localhost"),
        (b"connection", b"keep-alive, Upgrade, HTTP2-Settings"),
        (b"upgrade", b"h2c"),
        (b"http2-settings", b"AAMA"),
    ]
    head = declined(b"POST", b"/v1/x?y", "1.1", headers)
    assert head == b"POST /v1/x?y HTTP/1.1\r\nhost: localhost\r\nconnection: keep-alive\r\n\r\n"
