from pathlib import Path

import pytest
from fakes.api import api

from reconciler.errors import Unreachable
from reconciler.resources.principal import Principal, Role
from reconciler.resources.resource import ResourceKey
from reconciler.store import audit

WHO = Principal("token:x", Role.OPERATOR)
KEY = ResourceKey("Provider", "default", "p")


def test_what_is_asked_is_written_down(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        config = {"baseURL": "http://127.0.0.1:1/v1", "apiKey": {"valueFrom": {"env": "P_API_KEY"}}}
        asked.post("/v1/providers", {"id": "p", "type": "openai-compatible", "config": config})
        upstreams = asked.ports.upstreams
        report = upstreams.examine(KEY, chat=False, model=None)
        assert (report.ok, report.checks[0].check, report.checks[0].outcome) == (False, "built", "failed")
        assert upstreams.reset([KEY], WHO) == 0
        with pytest.raises(Unreachable):
            upstreams.reload(WHO)
        asked.serve(1)
        upstreams.reload(WHO)
        assert [row.operation for row in audit.rows(asked.reader)][-2:] == ["provider reset", "reload"]
