from fakes.taped import ReplyRecorder

from reconciler.gateway.tape import Tape


def test_everything_is_passed_on_and_the_beginning_is_kept() -> None:
    client = ReplyRecorder()
    tape = Tape(client, b"0123456789", 4)
    tape.head(200, (), 9)
    for chunk in (b"abc", b"def", b"ghi"):
        tape.data(chunk)
    tape.finish()
    tape.abort()
    assert client.told == [("head", 200, (), 9), b"abc", b"def", b"ghi", "finish", "abort"]
    assert (tape.request, tape.request_bytes) == (b"0123", 10)
    assert (bytes(tape.answered), tape.answer_bytes) == (b"abcd", 9)


def test_an_answer_at_once_is_kept_too() -> None:
    client = ReplyRecorder()
    tape = Tape(client, b"{}", 100)
    tape.answer(503, (), b"sorry")
    assert client.told == [("answer", 503, (), b"sorry")]
    assert (bytes(tape.answered), tape.answer_bytes) == (b"sorry", 5)
