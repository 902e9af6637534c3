"""What a guard is asked."""

from starlette.types import Scope


def request(
    method: str = "GET",
    path: str = "/v1/models",
    *,
    host: str | None = "localhost:8484",
    scheme: str = "http",
    **headers: str,
) -> Scope:
    pairs = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    if host is not None:
        pairs.insert(0, (b"host", host.encode("latin-1")))
    return {"type": "http", "method": method, "path": path, "scheme": scheme, "headers": pairs}
