from contextlib import nullcontext
from pathlib import Path

from fakes.api import api
from jsonschema import Draft202012Validator

from reconciler.listener.access import Access, DeclaredRoute
from reconciler.management.changes import operations
from reconciler.management.changes.routes import routes
from reconciler.management.rest.calls import Desk


def test_every_route_says_what_it_takes_and_answers(tmp_path: Path) -> None:
    async def check(*_: object) -> None:
        raise NotImplementedError

    with api(tmp_path) as asked:
        found: list[DeclaredRoute] = routes(Desk(asked.ports.stores, check), asked.ports.writes, nullcontext)
    assert len({route.operation.name for route in found}) == len(found)
    for route in found:
        for answer in route.operation.answers.values():
            Draft202012Validator.check_schema(answer.schema)
        assert route.access is not Access.OPEN
    for operation in (operations.APPLY, operations.PLAN, operations.OBJECTS, operations.CREATE_TOKEN):
        Draft202012Validator.check_schema(operation.body)


def test_plain_manifests_fit_the_declared_body() -> None:
    for body in ({"manifests": "kind: Model"}, {"intention": {"texts": [], "prune": True}}):
        Draft202012Validator(operations.APPLY.body).validate(body)
    assert not Draft202012Validator(operations.APPLY.body).is_valid({"manifests": "", "zzz": 1})
