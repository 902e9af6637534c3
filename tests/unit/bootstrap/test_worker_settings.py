from dataclasses import replace
from pathlib import Path

from reconciler.bootstrap.worker_settings import WorkerSettings
from reconciler.listener.tls import TLSFiles
from reconciler.settings import Reach
from reconciler.store.url import StoreLocation


def test_what_is_told_arrives() -> None:
    settings = WorkerSettings(
        instance="1-1-ab",
        socket=7,
        store=StoreLocation(Path("/s/store.db"), Path("/s/store-records.db")),
        reach=Reach(("*_KEY",), ("/run/secrets", "/ö"), ("/bin/x",), ("/work",)),
        hosts=("llm.example.com",),
        origins=("https://app.example.com",),
        grace_seconds=5,
        log_level=10,
        log_format="json",
        access_log=0.5,
        listeners=(("127.0.0.1", 8484), ("::", 8485)),
        tls=TLSFiles("/tls/cert.pem", "/tls/key.pem", "/tls/ca.pem", required=False, flag="--admin-"),
        workers=4,
    )
    arrives(settings)
    arrives(replace(settings, access_log=None, listeners=(), tls=None))
    arrives(replace(settings, tls=TLSFiles("/tls/cert.pem", "/tls/key.pem")))


def arrives(settings: WorkerSettings) -> None:
    line = settings.to_line()
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert WorkerSettings.from_line(line) == settings
