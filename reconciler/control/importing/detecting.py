"""What a source is, by what stands in it."""

from collections.abc import Collection
from pathlib import Path, PurePath
from typing import Literal, TypeVar

from reconciler.control.importing.dotenv import parse
from reconciler.errors import InvalidInput
from reconciler.json_types import JsonObject

Form = Literal["env", "provider-router", "oxide", "oxide-profiles", "litellm", "llama-swap", "tensorzero"]
FORMS = ("env", "provider-router", "oxide", "litellm", "llama-swap", "envoy-ai-gateway", "tensorzero", "auto")
"""What --from takes."""
_TENSORZERO = ("models", "embedding_models", "functions")
_LITELLM = ("model_list", "litellm_settings", "router_settings", "general_settings")


AUTO = "auto"
_Form = TypeVar("_Form", bound=str)


class NotKnown(InvalidInput):
    """A file that is of nobody whose configuration is read here."""


def checked(path: Path, form: _Form | None, said: str) -> _Form:
    """`form` as it was found. Raises NotKnown without one, InvalidInput where it is not what --from says."""
    if form is None:
        raise NotKnown(f"{path} is nothing that is known here", hint=f"known are: {', '.join(FORMS[:-1])}")
    told = "oxide" if form == "oxide-profiles" else form
    if said not in (AUTO, told):
        raise InvalidInput(f"{path} is of {told}, not of {said}", hint=f"say --from {told}, or --from auto")
    return form


def form_of_database(tables: Collection[str]) -> Form | None:
    if "routing_rules" in tables or "execution_settings" in tables:
        return "oxide"
    if {"provider_configs", "provider_models", "qwen_credentials"} & set(tables):
        return "provider-router"
    return "provider-router" if {"sessions", "requests"} <= set(tables) else None


def form_of_mapping(data: JsonObject) -> Form | None:
    if "model_profiles" in data:
        return "oxide-profiles"
    if "services" in data or "routing_rules" in data:
        return "oxide"
    if any(name in data for name in _LITELLM):
        return "litellm"
    return "llama-swap" if _is_llama_swap(data) else None


def form_of_toml(data: JsonObject) -> Form | None:
    """Its models, or what it calls its own settings."""
    return "tensorzero" if any(name in data for name in _TENSORZERO) else None


def _is_llama_swap(data: JsonObject) -> bool:
    """Models that are started by a command, or peers that are asked."""
    for name, field in (("models", "cmd"), ("peers", "proxy")):
        group = data.get(name)
        if isinstance(group, dict) and any(
            isinstance(each, dict) and field in each for each in group.values()
        ):
            return True
    return False


def is_env_name(name: str) -> bool:
    path = PurePath(name)
    return path.name == ".env" or path.name.startswith(".env.") or path.suffix == ".env"


def is_env_text(text: str) -> bool:
    """Whether most of its lines assign something."""
    read = parse(text)
    return len(read.values) > len(read.odd)
