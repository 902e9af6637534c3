import asyncio

from starlette.types import Message

from reconciler.listener.security_headers import HEADERS, secured


def test_every_answer_bears_them_and_may_say_one_for_itself() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def answer() -> None:
        own = (b"Cache-Control", b"max-age=5")
        await secured(send)({"type": "http.response.start", "status": 200, "headers": [own]})
        await secured(send)({"type": "http.response.body", "body": b""})

    asyncio.run(answer())
    names = [name.lower() for name, _ in sent[0]["headers"]]
    assert sorted(names) == sorted(name for name, _ in HEADERS)
    assert (b"Cache-Control", b"max-age=5") in sent[0]["headers"]
    assert sent[1] == {"type": "http.response.body", "body": b""}
