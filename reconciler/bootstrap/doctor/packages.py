"""Which provider types other packages give, and which of those can't be used."""

from collections.abc import Iterator

from reconciler.api.upkeep import Finding
from reconciler.bootstrap.doctor.finding import ok
from reconciler.provider_types.catalog import PROVIDER_TYPES

_CHECK = "packages"


def package_findings() -> Iterator[Finding]:
    packages = PROVIDER_TYPES.packages
    if packages:
        told = ", ".join(f"{name} of {package}" for name, package in sorted(packages.items()))
        yield ok(_CHECK, f"provider types of other packages: {told}")
    for left in PROVIDER_TYPES.unusable:
        why = "Providers of that type are refused, here and by a gateway with the same packages"
        yield Finding(
            _CHECK, "error", str(left), why, "mend or remove the package, and start the gateway anew"
        )
