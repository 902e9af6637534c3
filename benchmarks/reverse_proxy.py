"""nginx between the loader and the upstream: as little as a gateway in C could do."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.processes import Server, started, wait_for_port

_CONFIG = """\
{user}
worker_processes {workers};
worker_rlimit_nofile 20000;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 16000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 100000000;
    tcp_nodelay on;
    upstream provider {{
        server 127.0.0.1:{upstream};
        keepalive 128;
        keepalive_requests 100000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=2048;
        location / {{
            proxy_pass {scheme}://provider;
{tls}            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Authorization "Bearer sk-upstream";
            proxy_buffering off;
        }}
    }}
}}
"""


_TLS = """\
            proxy_ssl_server_name on;
            proxy_ssl_name localhost;
            proxy_ssl_verify on;
            proxy_ssl_trusted_certificate {trusted};
            proxy_ssl_session_reuse on;
"""


@contextmanager
def nginx(
    program: str,
    folder: Path,
    upstream: int,
    core: int | None,
    *,
    workers: int = 1,
    trusted: Path | None = None,
) -> Iterator[tuple[Server, str]]:
    """On `core`, with connections to the upstream kept alive; and its URL. TLS to the upstream where one is `trusted`."""
    folder.mkdir()
    port = free_port()
    user = "user root;" if os.geteuid() == 0 else ""  # else the worker could not enter the folder
    config = folder / "nginx.conf"
    config.write_text(
        _CONFIG.format(
            user=user,
            folder=folder,
            upstream=upstream,
            port=port,
            workers=workers,
            scheme="http" if trusted is None else "https",
            tls="" if trusted is None else _TLS.format(trusted=trusted),
        ),
        encoding="utf-8",
    )
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(config)]
    with started(command, folder / "nginx.log", core=core) as server:
        wait_for_port(port, server)
        yield server, f"http://127.0.0.1:{port}"


def free_port() -> int:
    """A port that was free a moment ago: nginx can't say which one it took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
