from reconciler.provider_types.base import Endpoint, UpstreamRequest


def test_a_request_shows_neither_headers_nor_body() -> None:
    request = UpstreamRequest("POST", "http://host/v1", (("authorization", "Bearer canary"),), b"canary")
    assert repr(request) == "<UpstreamRequest POST http://host/v1 6 bytes>"


def test_endpoints_are_paths_below_the_base_url() -> None:
    assert all(endpoint.value.startswith("/") for endpoint in Endpoint)
