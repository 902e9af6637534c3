from scripts.reference.openapi import management_routes


def test_every_endpoint_of_the_provider_routers_plan_is_there() -> None:
    found = {(method, route.path) for route in management_routes() for method in route.declared}
    one = "/v1/providers/{id}"
    wanted = {
        *(("GET", path) for path in ("/v1/providers", one, f"{one}/config", f"{one}/models")),
        *(("POST", path) for path in ("/v1/providers", f"{one}/models")),
        *(("POST", f"{one}/{verb}") for verb in ("enable", "disable", "test", "reload", "reset")),
        *(("PUT", path) for path in (one, f"{one}/config", f"{one}/models/{{model}}/default")),
        ("PATCH", f"{one}/config/{{key}}"),
        *(("DELETE", path) for path in (one, f"{one}/config/{{key}}", f"{one}/models/{{model}}")),
    }
    assert wanted <= found
