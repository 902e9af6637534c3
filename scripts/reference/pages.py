"""Every generated page."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from scripts.reference import commands, exit_codes, kinds, lint, openapi, rest_api

PAGES: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "commands.md": commands.page,
        "exit-codes.md": exit_codes.page,
        "kinds.md": kinds.page,
        "lint.md": lint.page,
        "openapi-data-plane.json": openapi.of_data_plane,
        "openapi-management.json": openapi.management,
        "rest-api.md": rest_api.page,
    }
)
"""File name in docs/reference/ → its text."""
