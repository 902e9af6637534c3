"""A Provider in the making, the same way for all importers."""

from reconciler.control.importing.collecting import Collector, Draft
from reconciler.control.importing.foreign_types import choose


def provider(collector: Collector, name: str, foreign: str, field: str) -> Draft | None:
    """Its Draft, with a type; None, and a loss, where nothing stands for the type yet. `foreign`: as `FOREIGN_TYPES`."""
    choice = choose(foreign)
    if choice is None:
        collector.lose(field, f"no provider type stands for {foreign} yet; Provider/{name} is left out")
        return None
    draft = collector.draft("Provider", name, field)
    draft.put("type", choice.type)
    if choice.lacks:
        collector.lose(field, choice.lacks)
    if not choice.works:
        draft.put("enabled", False)
        collector.warn(f"Provider/{name} is written disabled: {choice.lacks}")
    return draft


def base_url(draft: Draft, foreign: str, url: str, field: str) -> None:
    choice = choose(foreign)
    if choice is not None:
        draft.put("config.baseURL", choice.base_url(url.rstrip("/") or url), field)


def enabled(draft: Draft, value: bool, field: str) -> None:
    """As the source has it; one that was written disabled stays so."""
    if "enabled" not in draft.spec:
        draft.put("enabled", value, field)
