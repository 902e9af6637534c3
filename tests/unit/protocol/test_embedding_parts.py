import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.protocol.body import Body, read_request
from reconciler.protocol.embedding_parts import MAX_ITEMS, Part, embedded, joined, parts_of
from reconciler.protocol.json_places import Misplaced
from reconciler.protocol.multipart import MultipartBody

inputs = st.lists(st.text(), min_size=2, max_size=30) | st.lists(
    st.lists(st.integers(0, 9), min_size=1), min_size=2, max_size=30
)


def body(items: object, **others: object) -> Body:
    return read_request(json.dumps({"model": "m", "input": items, **others}).encode())


def part(items: int, first: int = 0) -> Part:
    (found,) = [each for each in parts_of(body(["x"] * items * 2), 2, 2) if each.first == 0]
    return found._replace(first=first, items=items)


@given(inputs, st.integers(2, 10), st.integers(1, 6), st.booleans())
def test_all_items_once_in_order_and_evenly(
    items: list[object], threshold: int, workers: int, last: bool
) -> None:
    others = {"dimensions": 3, "user": 'a "input": ü'}
    given = {"input": items, "model": "m", **others} if last else {"model": "m", **others, "input": items}
    raw = json.dumps(given, ensure_ascii=last).encode()
    found = parts_of(read_request(raw), threshold, workers)
    if len(items) < threshold:
        assert found == []
        return
    if not found:
        assert workers == 1
        assert len(items) <= threshold
        return
    read = [json.loads(each.body.with_model("other")) for each in found]
    assert [item for each in read for item in each["input"]] == items
    assert all(each | {"input": 0} == given | {"input": 0, "model": "other"} for each in read)
    sizes = [each.items for each in found]
    assert sizes == [len(each["input"]) for each in read]
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= threshold
    assert len(found) >= min(workers, len(items))
    assert all(one.first + one.items == other.first for one, other in pairwise(found))


@pytest.mark.parametrize(
    "items",
    ["one text", [1, 2, 3, 4], ["a", 1, "b"], ["a", None, "b"], {"a": 1}, None, 7, [], ["a"]],
)
def test_what_is_no_list_of_inputs_passes_as_it_is(items: object) -> None:
    assert parts_of(body(items), 2, 3) == []


def test_an_input_that_is_missing_or_hidden_passes_as_it_is() -> None:
    assert parts_of(read_request(b'{"model": "m"}'), 2, 3) == []
    assert parts_of(read_request(rb'{"model": "m", "inp\u0075t": ["a", "b"]}'), 2, 3) == []
    assert parts_of(body(["a", "b"], stream=True), 2, 3) == []
    assert parts_of(MultipartBody("m", False, b"", None, 0, b"--x"), 2, 3) == []


def test_too_many_items_pass_as_they_are() -> None:
    assert parts_of(body(["a"] * (MAX_ITEMS + 1)), 2, 3) == []
    assert len(parts_of(body(["a"] * MAX_ITEMS), 2, 3)) == 1000


def test_vectors_pass_byte_for_byte_and_are_numbered_anew() -> None:
    text = (
        b'{"object":"list", "data":[ {"object":"embedding","index":1,"embedding":[1.50,-2e-07]},'
        b'{"embedding":"AACAPw==", "index" : 0} ],"model":"up","usage":{"prompt_tokens":3,"total_tokens":3}}'
    )
    first = embedded(text, part(2))
    second = embedded(
        b'{"data": [{"embedding": [0.10]}], "usage": {"prompt_tokens": 4, "total_tokens": 4, "x": {"y": 1}}}',
        part(1, first=2),
    )
    assert joined([first, second]) == (
        b'{"object":"list", "data":[{"embedding":"AACAPw==", "index" : 0}, '
        b'{"object":"embedding","index":1,"embedding":[1.50,-2e-07]}, {"index": 2, "embedding": [0.10]}],'
        b'"model":"up","usage":{"prompt_tokens": 7, "total_tokens": 7, "x": {"y": 1}}}'
    )


def test_usage_that_one_part_did_not_tell_is_not_made_up() -> None:
    told = embedded(b'{"data": [{}], "usage": {"total_tokens": 4}}', part(1))
    for other in (b'{"data": [{}]}', b'{"data": [{}], "usage": null}', b'{"data": [{}], "usage": {bad}}'):
        untold = embedded(other, part(1, first=1))
        assert json.loads(joined([told, untold])) == {"data": [{"index": 0}, {"index": 1}], "usage": None}
    assert json.loads(joined([embedded(b'{"data": [{}]}', part(1)), told]))["data"] == [{"index": 0}] * 2


def test_words_in_the_usage_are_the_firsts() -> None:
    one = embedded(b'{"data": [{}], "usage": {"total_tokens": 1, "by": "a", "ok": true}}', part(1))
    assert json.loads(joined([one, one]))["usage"] == {"total_tokens": 2, "by": "a", "ok": True}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"<html>", "expected"),
        (b"[]", "expected"),
        (b"{}", "no data"),
        (b'{"data": {}}', "expected"),
        (b'{"data": [1, 2]}', "expected"),
        (b'{"data": [{"index": 0}]}', "1 embeddings for 2"),
        (b'{"data": [{"index": 0}, {"index": 0}]}', "indices"),
        (b'{"data": [{"index": 1}, {"index": 2}]}', "indices"),
        (b'{"data": [{"index": -1}, {"index": 0}]}', "index"),
        (b'{"data": [{"index": "a"}, {"index": 0}]}', "index"),
        (b'{"data": [{"index": 0}, {"index": 1}', "missing"),
    ],
)
def test_what_is_no_answer_to_the_part(text: bytes, why: str) -> None:
    with pytest.raises(Misplaced, match=why):
        embedded(text, part(2))
