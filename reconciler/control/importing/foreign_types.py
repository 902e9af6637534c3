"""The provider types of other systems, and what stands for each here. One that is added needs one row."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from reconciler.provider_types.catalog import PROVIDER_TYPES


class Equivalent(NamedTuple):
    """A type that speaks to the same upstream where the catalog lacks the right one. `lacks`: what it can't do.

    works: whether requests are served rightly without that; where not, the provider is written disabled.
    """

    type: str
    base_url: Callable[[str], str]
    lacks: str
    works: bool


class Row(NamedTuple):
    type: str
    equivalent: Equivalent | None = None


class Choice(NamedTuple):
    """What to write. `lacks` is "" where nothing is lost."""

    type: str
    base_url: Callable[[str], str]
    lacks: str = ""
    works: bool = True


def as_it_is(url: str) -> str:
    return url


def with_version(url: str) -> str:
    """Where an OpenAI interface begins of a server that is written without its /v1."""
    root = url.rstrip("/")
    return root if root.endswith("/v1") else f"{root}/v1"


FOREIGN_TYPES: Mapping[str, Row] = MappingProxyType(
    {
        "lm-studio": Row("lm-studio"),
        "openai-compatible": Row("openai-compatible"),
        "ollama": Row(
            "ollama",
            Equivalent(
                "openai-compatible", with_version, "Ollama's own options, such as keep_alive", works=True
            ),
        ),
        "dashscope": Row(
            "dashscope",
            Equivalent("openai-compatible", as_it_is, "nothing but the name of the type", works=True),
        ),
        "qwen-proxy": Row(
            "qwen-proxy",
            Equivalent("openai-compatible", with_version, "tools written as XML in the prompt", works=False),
        ),
        "qwen-direct": Row("qwen-direct"),
        "cli": Row("cli"),
    }
)


def choose(foreign: str) -> Choice | None:
    """None where nothing stands for it yet."""
    row = FOREIGN_TYPES.get(foreign)
    if row is None:
        return None
    if row.type in PROVIDER_TYPES:
        return Choice(row.type, as_it_is)
    other = row.equivalent
    if other is None or other.type not in PROVIDER_TYPES:
        return None
    return Choice(other.type, other.base_url, f"there is no type {row.type} yet: {other.lacks}", other.works)
