import subprocess
import sys
from pathlib import Path

from reconciler.bootstrap import worker, worker_process
from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.settings import Reach
from reconciler.store.url import parse


def test_it_is_the_worker() -> None:
    assert vars(worker_process)["main"] is worker.main


def test_its_exit_code_is_the_workers(tmp_path: Path) -> None:
    settings = WorkerSettings("w-1", 9, parse(str(tmp_path / "none.db")), Reach(), grace_seconds=1)
    done = subprocess.run(
        [sys.executable, "-m", "reconciler.bootstrap.worker_process"],
        input=settings.to_line().decode(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 5
    assert "Z ERROR reconciler.bootstrap.worker: no store at " in done.stderr
