from scripts.reference.openapi import management_routes


def test_whole_resources_revisions_and_export_are_there() -> None:
    found = {route.path for route in management_routes()}
    assert {"/v1/resources", "/v1/revisions/{number}/diff", "/v1/export"} <= found
