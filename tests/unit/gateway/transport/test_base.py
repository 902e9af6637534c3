from reconciler.gateway.transport.base import Failure


def test_a_failure_is_one_word_in_logs() -> None:
    assert [failure.value for failure in Failure] == [
        "connect",
        "timeout",
        "broken",
        "egress",
        "stopping",
        "revoked",
    ]
