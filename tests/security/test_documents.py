"""What the OpenAPI documents say, asked of the running listeners by schemathesis: nothing fails, and nothing else is said."""

import json
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx2
import jsonschema
import pytest
import requests
import schemathesis
from fakes.api import api
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


def is_quick(operation: dict[str, Any]) -> bool:
    """Whether it reads, and answers at once, with one document."""
    media = {name for answer in operation["responses"].values() for name in answer.get("content", {})}
    return (
        "requestBody" not in operation
        and operation["x-access"] == "viewer"
        and not media & {"text/event-stream", "application/yaml"}
    )


@pytest.mark.parametrize(
    ("listener", "who"), [("management", "somebody"), ("data", "nobody"), ("data", "somebody")]
)
def test_what_is_served_is_what_is_described(attacked: Fortress, listener: str, who: str) -> None:
    schema = schemathesis.openapi.from_dict(attacked.document(LISTENERS[listener]))
    url = attacked.gateway.data_url if listener == "data" else attacked.gateway.admin_url
    text = attacked.keys["narrow"].text if listener == "data" else attacked.tokens["viewer"]
    headers = {"Authorization": f"Bearer {text}"} if who == "somebody" else {}
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    assert len(operations) == sum(len(item) for item in schema.raw_schema["paths"].values()) > 5
    if listener == "management":  # `test_rest.py` asks each route as nobody, and what writes as a viewer
        operations = [each for each in operations if is_quick(each.definition.raw)]
    examples = size("DESCRIBED") // (3 if listener == "management" else 1)

    @settings(max_examples=examples, suppress_health_check=[*HealthCheck])
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


WRITING = {"Providers", "Models", "Settings"}


def test_what_is_written_is_what_is_described(tmp_path: Path) -> None:
    """The API of the seeds, asked as an admin in this process: no answer is a bug, and each is one that is described."""
    with api(tmp_path) as asked:
        document = json.loads(asked.get("/openapi.json").text)
        schema = schemathesis.openapi.from_dict(document)
        operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
        written = [
            each
            for each in operations
            if each.definition.raw.get("tags", [""])[0] in WRITING
            and not each.path.endswith(("/test", "/sync"))
        ]
        assert len(written) > 25

        @settings(max_examples=size("DESCRIBED") // 3, suppress_health_check=[*HealthCheck])
        @given(st.data())
        def each_is_asked(data: st.DataObject) -> None:
            for operation in written:
                case = data.draw(operation.as_strategy())
                sent = case.as_transport_kwargs(base_url="http://localhost")
                request = requests.Request(
                    **{
                        name: sent.get(name)
                        for name in ("method", "url", "headers", "params", "json", "data")
                    }
                ).prepare()
                written_body = request.body
                body = written_body.encode() if isinstance(written_body, str) else written_body
                headers = {name.replace("-", "_"): str(value) for name, value in request.headers.items()}
                answer = asked.ask(str(request.method), request.path_url, body, **headers)
                conforms(answer, operation.definition.raw, document)

        each_is_asked()


def conforms(answer: httpx2.Response, operation: dict[str, Any], document: dict[str, Any]) -> None:
    described = operation["responses"].get(str(answer.status_code), operation["responses"]["default"])
    assert answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code in {503, 504}, (
        answer.text
    )
    ((media, content),) = described["content"].items()
    assert answer.headers["content-type"] == media
    jsonschema.validate(answer.json(), {**content["schema"], "components": document["components"]})
