from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.finding import failed, ok
from reconciler.errors import StoreError


def test_an_error_says_what_to_do_on_this_store() -> None:
    error = StoreError("no store", hint="make one with", command="apply -f DIR")
    found = failed("store", error, "routerctl --db x", "nothing works")
    assert found == Finding(
        "store", "error", "no store", "nothing works", "make one with: routerctl --db x apply -f DIR"
    )
    assert failed("store", StoreError("no"), "routerctl", "why").todo == ""
    assert ok("disk", "fine") == Finding("disk", "ok", "fine")
