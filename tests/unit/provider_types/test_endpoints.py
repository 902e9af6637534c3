import re
from pathlib import Path

from reconciler.protocol.error_shapes import ANTHROPIC
from reconciler.provider_types.base import EVERY_ENDPOINT, Endpoint
from reconciler.provider_types.catalog import PROVIDER_TYPES
from reconciler.provider_types.endpoints import ENDPOINTS


def test_each_endpoint_has_one_row() -> None:
    assert ENDPOINTS.keys() == EVERY_ENDPOINT
    assert ENDPOINTS[Endpoint.SPEECH].path == "/v1/audio/speech"


def test_labels_are_words_and_unique() -> None:
    labels = [row.label for row in ENDPOINTS.values()]
    assert len(set(labels)) == len(labels)
    assert all(re.fullmatch(r"[a-z_]+", label) for label in labels)


def test_anthropics_errors_go_with_its_headers() -> None:
    for row in ENDPOINTS.values():
        assert (row.errors is ANTHROPIC) == bool(row.passed) == row.path.startswith("/v1/messages")


def test_only_what_has_a_stream_is_asked_for_its_usage() -> None:
    assert all(row.stream is not None for row in ENDPOINTS.values() if row.asks_usage)
    assert all(row.counts for row in ENDPOINTS.values() if row.estimates)


def test_each_provider_type_serves_some() -> None:
    assert {name for name, each in PROVIDER_TYPES.items() if each.endpoints == EVERY_ENDPOINT} == {
        "openai-compatible",
        "lm-studio",
    }
    assert Endpoint.MESSAGES in PROVIDER_TYPES["simulator"].endpoints
    assert Endpoint.RERANK not in PROVIDER_TYPES["simulator"].endpoints


def test_the_reference_lists_each_endpoint_as_it_is() -> None:
    reference = (Path(__file__).parents[3] / "docs" / "reference" / "endpoints.md").read_text(
        encoding="utf-8"
    )
    listed = [line for line in reference.splitlines() if line.startswith("| `/v1/")]
    words = {"application/json": "JSON", "multipart/form-data": "multipart"}
    assert listed == [
        f"| `{row.path}` | {', '.join(sorted(words[media] for media in row.takes))} | {'yes ' if row.stream else ''}"
        f"| {'Anthropic' if row.errors is ANTHROPIC else 'OpenAI'} | `{row.label}` |"
        for row in ENDPOINTS.values()
    ]
