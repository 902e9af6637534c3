from reconciler.management.rest import operations
from reconciler.management.rest.operations import TEXT


def test_what_many_operations_have_in_common() -> None:
    made = operations.writing("make", "Make.", "Things", TEXT, body=operations.OBJECT, status=201)
    assert set(made.answers) == {200, 201}
    assert made.takes == ("application/json",)
    assert {"dryRun", "wait", "If-Match", "Idempotency-Key"} <= {each.name for each in made.parameters}
    plain = operations.writing("end", "End.", "Things", TEXT)
    assert (set(plain.answers), plain.takes) == ({200}, None)
    assert operations.reading("see", "See.", "Things", TEXT).parameters[0].name == "namespace"


def test_schemas() -> None:
    assert operations.shape({"a": TEXT}) == {"type": "object", "properties": {"a": TEXT}, "required": ["a"]}
    assert operations.shape({"a": TEXT}, required=(), more=False)["additionalProperties"] is False
    assert operations.listing("things", TEXT)["required"] == ["things", "total"]
    assert operations.refused("No.").media == "application/problem+json"
