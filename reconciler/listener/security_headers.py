"""What every answer that is not a model's bears, so that a browser makes nothing of it but data (OWASP's REST list)."""

from starlette.types import Message, Send

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def secured(send: Send) -> Send:
    """`send`; an answer that says one of them for itself is let alone with it."""

    async def securing(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", ()))
            said = {name.lower() for name, _ in headers}
            message = {**message, "headers": [*headers, *(each for each in HEADERS if each[0] not in said)]}
        await send(message)

    return securing
