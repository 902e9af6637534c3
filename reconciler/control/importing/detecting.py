"""What a source is, by what stands in it."""

from collections.abc import Collection
from pathlib import PurePath
from typing import Literal

from reconciler.control.importing.dotenv import parse
from reconciler.json_types import JsonObject

Form = Literal["env", "provider-router", "oxide", "oxide-profiles", "litellm"]
FORMS = ("env", "provider-router", "oxide", "litellm", "auto")
"""What --from takes."""
_LITELLM = ("model_list", "litellm_settings", "router_settings", "general_settings")


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
    return "litellm" if any(name in data for name in _LITELLM) else None


def is_env_name(name: str) -> bool:
    path = PurePath(name)
    return path.name == ".env" or path.name.startswith(".env.") or path.suffix == ".env"


def is_env_text(text: str) -> bool:
    """Whether most of its lines assign something."""
    read = parse(text)
    return len(read.values) > len(read.odd)
