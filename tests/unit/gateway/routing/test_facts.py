from reconciler.gateway.routing.facts import GivenFacts, RequestFacts


def request(headers: dict[bytes, bytes], members: dict[str, object] | None = None) -> RequestFacts:
    return RequestFacts(headers, members or {}, stream=True)


def test_the_task_type_of_the_header_comes_before_that_of_the_body() -> None:
    told: dict[str, object] = {"metadata": {"task_type": "code"}}
    assert request({b"x-task-type": b" chat"}, told).task() == "chat"
    assert request({}, told).task() == "code"
    assert request({}, {"metadata": {"task_type": 1}}).task() == ""
    assert request({}, {"metadata": None}).task() == ""


def test_the_prompt_is_measured_and_what_it_needs_is_found() -> None:
    found = request({b"a": b"b"}, {"messages": [{"content": "x" * 40}], "tools": [{"name": "12345678"}]})
    assert (found.tokens(), found.tokens()) == (12, 12)
    assert found.needs() == found.needs() == {"tools"}
    assert (found.header(b"a"), found.stream) == ("b", True)


def test_what_is_given_is_told() -> None:
    given = GivenFacts({b"a": "b", b"x-task-type": "code"}, "chat", 7, frozenset({"tools"}))
    assert (given.header(b"a"), given.header(b"c")) == ("b", "")
    assert (given.task(), given.tokens(), given.stream) == ("code", 7, False)
    assert given.needs() == {"tools"}
    assert GivenFacts(task_type="chat").task() == "chat"


def test_headers_are_read_as_what_clients_write() -> None:
    for written in ("翻译", "café"):
        assert request({b"x-task-type": written.encode()}).task() == written
    assert request({b"x-task-type": "café".encode("latin-1")}).task() == "café"
