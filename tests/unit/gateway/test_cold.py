import json

from reconciler.gateway.cold import guard_refusal


def test_the_guards_refusals_have_the_shape_of_the_endpoint() -> None:
    _, plain = guard_refusal(421, "host_not_allowed", "no", "/v1/models")
    headers, anthropic = guard_refusal(403, "origin_not_allowed", "no", "/v1/messages")
    assert json.loads(plain)["error"]["code"] == "host_not_allowed"
    assert json.loads(anthropic)["error"]["type"] == "permission_error"
    assert (b"content-type", b"application/json") in headers
