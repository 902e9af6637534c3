"""Manage a router from a program: `python examples/python/manage_router.py STORE FOLDER`.

STORE is where the store is, or is made; FOLDER holds manifests. With `https://...` for STORE, the same through a
server, whose token is in ROUTERCTL_TOKEN.
"""

import sys

from reconciler.errors import RouterctlError
from reconciler.json_types import JsonObject
from reconciler.library.manifests import load
from reconciler.library.router import Router
from reconciler.library.servers import connect
from reconciler.library.stores import open_store


def converge(router: Router, folder: str) -> None:
    """Makes what is stored equal to the folder, and says what that changed."""
    manifests = load(folder, source="example")
    for warning in manifests.warnings:
        print("warning:", warning)
    for change in router.plan(manifests).changes:
        print(change.action, change.key)
    print("revision", router.apply(manifests, message="by a program").revision.number)


def enabled(router: Router) -> list[str]:
    """The names of the providers that may serve."""
    return [each.key.name for each in router.list("Provider") if each.spec["enabled"]]


def add_service(router: Router) -> int:
    """One more provider, a model bound to it, and a rule that prefers it for a task; the revision of the last."""
    router.put("Provider", "my-service", {"type": "ollama", "config": {"baseURL": "http://localhost:8080"}})
    router.put("Model", "qwen3", {})
    router.put("Binding", "qwen3-mine", {"model": "qwen3", "provider": "my-service"})
    rule: JsonObject = {"match": {"taskTypes": ["quick_query"]}, "targets": [{"provider": "my-service"}]}
    return router.put("Route", "quick", rule, message="prefer my own").revision.number


def main(where: str, folder: str) -> int:
    """0 where all of it was done."""
    try:
        with connect(where) if where.startswith("http") else open_store(where) as router:
            converge(router, folder)
            before = router.history(1)[0].number
            print("enabled:", ", ".join(enabled(router)))
            print("revision", add_service(router))
            print("enabled:", ", ".join(enabled(router)))
            print("back at", router.rollback(before).revision.number)
    except RouterctlError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
