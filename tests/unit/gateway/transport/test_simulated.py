import pytest

from reconciler.gateway.transport.simulated import SPOKEN, token_count, words
from reconciler.protocol.chat import Identity, TextRequest
from reconciler.protocol.usage import Usage, read_usage
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.simulator import SERVED


def test_words_are_tokens() -> None:
    assert words(["a b", "", "c"]) == 3
    assert token_count(b'{"model": "m", "messages": [{"content": "a b"}]}') == b'{"input_tokens": 2}'


@pytest.mark.parametrize("endpoint", SPOKEN)
def test_what_is_spoken_is_served_and_told(endpoint: Endpoint) -> None:
    assert endpoint in SERVED
    spoken = SPOKEN[endpoint]
    request = TextRequest("m", ("a",), stream=False, include_usage=False, max_tokens=None)
    answer = spoken.writer(Identity(f"{spoken.id_prefix}1", 0, "m"), request).whole(
        "x", "stop", Usage(1, 2, 3)
    )
    assert read_usage(answer) == Usage(1, 2, 3)
    assert spoken.id_prefix.encode() in answer
