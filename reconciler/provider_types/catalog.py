"""Every provider type there is. A new type is one file and one line here, or a package of its own.

Packages are looked for when somebody asks for a type that is not ours, or for all of them. What can't be used is left out, and
says so by its name: it takes nothing else with it, and none stands in for a type of ours.
"""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from reconciler.extensions import PROVIDER_TYPE_GROUP, Entry, NotLoaded, entries
from reconciler.provider_types.base import ProviderType
from reconciler.provider_types.cli import CLI
from reconciler.provider_types.dashscope import DASHSCOPE
from reconciler.provider_types.fitting import check_fits
from reconciler.provider_types.lm_studio import LM_STUDIO
from reconciler.provider_types.ollama import OLLAMA
from reconciler.provider_types.openai_compatible import OPENAI_COMPATIBLE
from reconciler.provider_types.qwen_direct import QWEN_DIRECT
from reconciler.provider_types.qwen_proxy import QWEN_PROXY
from reconciler.provider_types.simulator import SIMULATOR

OWN = (
    OPENAI_COMPATIBLE,
    LM_STUDIO,
    OLLAMA,
    DASHSCOPE,
    QWEN_PROXY,
    QWEN_DIRECT,
    CLI,
    SIMULATOR,
)

_log = logging.getLogger(__name__)


class Unusable(NamedTuple):
    """A type of a package that is left out, and why."""

    name: str
    package: str
    reason: str

    def __str__(self) -> str:
        text = f"provider type {self.name} of the package {self.package} can't be used: {self.reason}"
        return "".join(each if each.isprintable() else "?" for each in text)


class Catalog(Mapping[str, ProviderType]):
    """Ours first, in the order of the table, then those of packages, by name."""

    def __init__(self, own: Sequence[ProviderType] = OWN) -> None:
        self._own = {each.name: each for each in own}

    def __getitem__(self, name: str) -> ProviderType:
        own = self._own.get(name)
        return self._installed[0][name] if own is None else own

    def __iter__(self) -> Iterator[str]:
        yield from self._own
        yield from self._installed[0]

    def __len__(self) -> int:
        return len(self._own) + len(self._installed[0])

    @property
    def unusable(self) -> tuple[Unusable, ...]:
        return self._installed[1]

    @property
    def packages(self) -> Mapping[str, str]:
        """The package of each type that is not ours."""
        return {
            entry.name: entry.package
            for entry in entries(PROVIDER_TYPE_GROUP)
            if entry.name in self._installed[0]
        }

    @cached_property
    def _installed(self) -> tuple[dict[str, ProviderType], tuple[Unusable, ...]]:
        """What is installed when it is first asked for: it stays what it is for as long as the process runs."""
        found = entries(PROVIDER_TYPE_GROUP)
        times = Counter(entry.name for entry in found)
        usable: dict[str, ProviderType] = {}
        left: list[Unusable] = []
        for entry in sorted(found, key=lambda each: each.name):
            try:
                usable[entry.name] = self._loaded(entry, times[entry.name], usable)
            except (NotLoaded, ValueError) as error:
                left.append(Unusable(entry.name, entry.package, str(error)))
                _log.warning("%s", left[-1])
        return usable, tuple(left)

    def _loaded(self, entry: Entry, times: int, known: Mapping[str, ProviderType]) -> ProviderType:
        """`known` are other packages' types so far. Raises NotLoaded, ValueError."""
        if entry.name in self._own:
            raise NotLoaded("routerctl has a type of that name")
        if times > 1:
            raise NotLoaded("another package has a type of that name, so it is neither's")
        row = entry.load()
        try:
            return check_fits(row, entry.name, (*self._own.values(), *known.values()))
        except ValueError:
            raise
        except Exception as error:  # whatever its schema does
            raise NotLoaded(f"its config can't be looked at ({type(error).__name__})") from error


PROVIDER_TYPES = Catalog()


def unusable(name: str) -> Unusable | None:
    """Why a type that a package names can't be used."""
    return next((each for each in PROVIDER_TYPES.unusable if each.name == name), None)
