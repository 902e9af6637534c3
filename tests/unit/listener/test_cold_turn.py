import asyncio
from types import SimpleNamespace
from typing import cast

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from reconciler.listener.cold_turn import ColdTurn


def test_it_runs_once_and_its_app_hears_of_a_client_that_left() -> None:
    told = SimpleNamespace(more_body=True, keep_alive=True, disconnected=False, message_event=asyncio.Event())
    runs: list[object] = []
    turn = ColdTurn(cast(RequestResponseCycle, told), print, lambda cycle, app: runs.append((cycle, app)))  # type: ignore[arg-type]  # no app is run
    assert not turn.received
    turn.proceed()
    turn.proceed()
    assert len(runs) == 1
    turn.keep_alive = False
    assert not turn.keep_alive
    turn.blocked()
    turn.writable()
    turn.gone()
    assert told.disconnected
    assert told.message_event.is_set()
