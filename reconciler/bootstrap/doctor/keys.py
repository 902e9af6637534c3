"""The encryption key: is there one, is it this store's, does everything open."""

from collections.abc import Iterator, Mapping, Sequence

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.ciphers import load_cipher
from reconciler.bootstrap.doctor.finding import failed, ok
from reconciler.control.vault_record import verify_vault
from reconciler.errors import SecretError
from reconciler.settings import key_place
from reconciler.store.reader import Reader
from reconciler.store.url import StoreLocation

_SHOWN = 5
_UNREADABLE = "what is sealed can't be used or rotated; Providers that need it are refused"


def key_findings(
    location: StoreLocation, environ: Mapping[str, str], reader: Reader | None, program: str
) -> Iterator[Finding]:
    place = key_place(environ, location.config_path)
    try:
        cipher = load_cipher(location, environ, reader)
    except SecretError as error:
        yield failed("key", error, program, _UNREADABLE)
        return
    sealed = reader.key_ids() if reader is not None else frozenset()
    if cipher is None:
        yield _none(place, sealed)
        return
    report = None if reader is None else verify_vault(reader, cipher)
    if report is not None and report.problems:
        more = f" (and {len(report.problems) - 1} more)" if len(report.problems) > 1 else ""
        yield Finding("key", "error", f"{report.problems[0]}{more}", _UNREADABLE, "give those values again")
    elif report is not None and report.opened < report.entries:
        yield Finding(
            "key",
            "error",
            f"{report.entries - report.opened} of {report.entries} sealed values need another key "
            f"({', '.join(sorted(sealed - set(cipher.key_ids)))}): {_first(report.shut)}",
            _UNREADABLE,
            "give that key as well, behind the current one",
        )
    else:
        opened = f"; it opens {_all(report.entries)}" if report and report.entries else ""
        yield ok("key", f"key {cipher.key_ids[0]}, from {place}{opened}")


def _none(place: str, sealed: frozenset[str]) -> Finding:
    if not sealed:
        return ok("key", f"no key yet, and nothing is sealed; the first secret makes {place}")
    return Finding(
        "key",
        "error",
        f"there is no key at {place}; the store's values are sealed with {', '.join(sorted(sealed))}",
        _UNREADABLE,
        "set ROUTERCTL_ENCRYPTION_KEY or ROUTERCTL_ENCRYPTION_KEY_FILE to it, or put the file back; without it the "
        "values must be given again",
    )


def _all(entries: int) -> str:
    return "the one sealed value" if entries == 1 else f"all {entries} sealed values"


def _first(places: Sequence[str]) -> str:
    shown = ", ".join(places[:_SHOWN])
    return shown if len(places) <= _SHOWN else f"{shown} and {len(places) - _SHOWN} more places"
