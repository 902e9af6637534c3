"""/docs: a page that lists every operation of /openapi.json, and asks them. Three small files of our own, from here alone."""

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from reconciler.listener.access import Access, Answered, Check, DeclaredRoute, Endpoint, Operation

PATH = "/docs"
_FOLDER = Path(__file__).with_name("reference_page")
_FILES = {
    PATH: ("index.html", "text/html; charset=utf-8", "docs"),
    f"{PATH}/page.js": ("page.js", "text/javascript; charset=utf-8", "docsScript"),
    f"{PATH}/page.css": ("page.css", "text/css; charset=utf-8", "docsStyle"),
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""Nothing inline, nothing of another host; it talks to the listener that it came from, and to nobody else."""


def routes(check: Check) -> list[DeclaredRoute]:
    """They are open: they say what the documentation says, and a browser sends no token with the address of a page."""
    return [
        DeclaredRoute(
            path,
            _endpoint(file, media),
            methods=("GET",),
            access=Access.OPEN,
            check=check,
            operation=Operation(
                name,
                "The reference page." if path == PATH else "A part of the reference page.",
                {200: Answered("It.", media.partition(";")[0], {"type": "string"})},
            ),
        )
        for path, (file, media, name) in _FILES.items()
    ]


def _endpoint(file: str, media: str) -> Endpoint:
    async def endpoint(_: Request) -> Response:
        headers = {"content-security-policy": POLICY, "content-type": media, "cache-control": "no-cache"}
        return Response(_content(file), headers=headers)

    return endpoint


@cache
def _content(file: str) -> bytes:
    return (_FOLDER / file).read_bytes()
