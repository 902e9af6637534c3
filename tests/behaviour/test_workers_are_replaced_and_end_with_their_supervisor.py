"""What happens to the processes of `up` and `serve` when one of them ends."""

import os
import signal
from functools import partial
from pathlib import Path

import httpx2
import pytest
from fakes.running import Running, gone, routerctl, running, simulator, wait

pytestmark = pytest.mark.slow


@pytest.fixture
def db(tmp_path: Path) -> Path:
    manifests = tmp_path / "m.yaml"
    manifests.write_text(
        simulator("quick", text="hello") + simulator("slow", text="abcdefgh", chunkSize=1, interval="250ms")
    )
    path = tmp_path / "store.db"
    routerctl(path, "apply", "-f", str(manifests))
    return path


def counted(gateway: Running) -> float:
    return gateway.metric("routerctl_requests_total")


def test_a_killed_worker_is_replaced_and_what_it_counted_is_kept(db: Path) -> None:
    with running("serve", db=db) as gateway:
        for _ in range(3):
            assert gateway.text("quick") == "hello"
        gateway.wait(lambda: counted(gateway) == 3, "the count of the requests")
        (first,) = gateway.pids()
        os.kill(first, signal.SIGKILL)
        gateway.wait(lambda: gateway.pids() not in ({first}, set()), "another worker")
        assert gateway.text("quick") == "hello"
        gateway.wait(lambda: counted(gateway) == 4, "the count of all requests")
        assert "worker 1 was killed by SIGKILL; another is started now" in gateway.errors()
        assert gateway.stop() == 0


def test_a_worker_that_is_killed_under_load_has_counted_every_answer(db: Path) -> None:
    """No heartbeat is waited for: each kill comes right after the last answer. Nor is any when all are killed."""
    with running("serve", db=db) as gateway:
        for kill in (1, 2):
            for _ in range(30):
                assert gateway.text("quick") == "hello"
            (pid,) = gateway.pids()
            os.kill(pid, signal.SIGKILL)
            gateway.wait(lambda: gateway.pids() not in ({pid}, set()), "another worker")  # noqa: B023  waited for here
            gateway.wait(gateway.ready, "readiness")
            assert counted(gateway) == 30 * kill
        assert gateway.text("quick") == "hello"
        for each in (gateway.process.pid, *gateway.pids()):
            os.kill(each, signal.SIGKILL)
    with running("serve", db=db) as gateway:
        gateway.wait(lambda: counted(gateway) == 61, "the counts of the dead")


def test_workers_end_when_their_supervisor_is_killed(db: Path) -> None:
    with running("serve", "--workers", "2", db=db) as gateway:
        workers = gateway.pids()
        assert len(workers) == 2
        gateway.process.kill()
        for pid in workers:
            wait(partial(gone, pid), f"the end of worker {pid}")


def test_a_stream_under_way_is_finished_before_the_end(db: Path) -> None:
    with running("serve", db=db) as gateway:
        body = {"model": "slow", "stream": True, "messages": [{"role": "user", "content": "x"}]}
        url = f"{gateway.data_url}/v1/chat/completions"
        with gateway.client.stream("POST", url, json=body) as answer:
            chunks = answer.iter_bytes()
            received = next(chunks)
            gateway.process.terminate()
            gateway.wait(lambda: _refuses(gateway), "no new connections")
            received += b"".join(chunks)
        assert received.endswith(b"data: [DONE]\n\n")
        assert received.count(b'"content": "') >= 8
        assert gateway.process.wait(40) == 0
        assert gateway.pids_left() == set()


def test_a_second_signal_does_not_wait_for_what_is_under_way(db: Path) -> None:
    with running("serve", db=db) as gateway:
        body = {"model": "slow", "stream": True, "messages": [{"role": "user", "content": "x"}]}
        url = f"{gateway.data_url}/v1/chat/completions"
        with gateway.client.stream("POST", url, json=body) as answer:
            chunks = answer.iter_bytes()
            next(chunks)
            gateway.process.send_signal(signal.SIGINT)
            gateway.wait(lambda: "stopping" in gateway.errors(), "the first signal")
            gateway.process.send_signal(signal.SIGINT)
            with pytest.raises(httpx2.RemoteProtocolError):
                b"".join(chunks)
        assert gateway.process.wait(40) == 130


def test_every_request_is_counted_once_over_four_workers(db: Path) -> None:
    with running("serve", "--workers", "4", db=db) as gateway:
        assert len(gateway.pids()) == 4
        for _ in range(40):
            with httpx2.Client(trust_env=False) as client:  # a connection each, so that all workers get some
                gateway.client, kept = client, gateway.client
                assert gateway.text("quick") == "hello"
                gateway.client = kept
        gateway.wait(lambda: counted(gateway) == 40, "exactly 40")
        assert gateway.metric("routerctl_workers_live") == 4
        assert gateway.stop() == 0
    with running("serve", db=db) as gateway:  # what was counted before is still counted
        assert counted(gateway) == 40


def _refuses(gateway: Running) -> bool:
    try:
        httpx2.get(f"{gateway.data_url}/healthz", trust_env=False)
    except httpx2.ConnectError:
        return True
    except httpx2.TransportError:
        return False
    return False
