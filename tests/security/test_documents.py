"""What the OpenAPI documents say, asked of the running listeners by schemathesis: nothing fails, and nothing else is said."""

from http import HTTPStatus

import pytest
import schemathesis
from fakes.attacked import Fortress
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sizes import size

pytestmark = pytest.mark.slow

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
LISTENERS = {"management": "/openapi.json", "data": "/openapi/data-plane.json"}


@pytest.mark.parametrize("who", ["nobody", "somebody"])
@pytest.mark.parametrize("listener", LISTENERS)
def test_what_is_served_is_what_is_described(attacked: Fortress, listener: str, who: str) -> None:
    schema = schemathesis.openapi.from_dict(attacked.document(LISTENERS[listener]))
    url = attacked.gateway.data_url if listener == "data" else attacked.gateway.admin_url
    text = attacked.keys["narrow"].text if listener == "data" else attacked.tokens["viewer"]
    headers = {"Authorization": f"Bearer {text}"} if who == "somebody" else {}
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    assert len(operations) == sum(len(item) for item in schema.raw_schema["paths"].values()) > 5

    @settings(max_examples=size("DESCRIBED"), suppress_health_check=[*HealthCheck])
    @given(st.data())
    def each_is_asked(data: st.DataObject) -> None:
        for operation in operations:
            case = data.draw(operation.as_strategy())
            answer = case.call(base_url=url, headers=headers)
            case.validate_response(answer, checks=CHECKS)
            if who == "nobody" and operation.definition.raw["x-access"] != "open":
                assert answer.status_code >= HTTPStatus.BAD_REQUEST
            assert text[16:] not in answer.text

    each_is_asked()
