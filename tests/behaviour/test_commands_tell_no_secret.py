"""A secret that was applied is in no output of any command, whatever form it is asked in, nor in an error."""

import base64
from urllib.parse import quote

import pytest
from fakes.command import Routerctl, manifest, served

CANARY = "sk-canary/0123456789+abcdefghij=KLMNOP"
TRACES = (
    CANARY,
    base64.b64encode(CANARY.encode()).decode().rstrip("="),
    quote(CANARY, safe=""),
    CANARY[:12],
    CANARY[-12:],
)
CONFIG = {"baseURL": "http://localhost:1/v1", "apiKey": CANARY}
FILES = (
    manifest("Provider", "u", {"type": "lm-studio", "config": {**CONFIG}})
    + manifest("Secret", "s", {"data": {"K": {"value": CANARY}}})
    + served("m")
)
COMMANDS = [
    ["-vv", "apply", "-f", "FILES", "--dry-run"],
    ["-vv", "diff", "-f", "FILES"],
    ["-vv", "diff", "-f", "FILES", "-o", "json"],
    ["-vv", "validate", "-f", "FILES"],
    ["-vv", "validate", "-f", "FILES", "-o", "json"],
    ["-vv", "apply", "-f", "FILES"],
    *(["get", "all", "-o", form] for form in ("table", "wide", "json", "yaml", "name", "jsonpath={.}")),
    ["describe", "all"],
    ["history", "-o", "json"],
    ["show"],
    ["show", "-o", "json"],
    ["export"],
    ["export", "--revision", "1"],
    ["rollback", "1"],
    ["rollback", "1", "--dry-run"],
    ["status"],
    ["status", "-o", "json"],
]


def test_no_output_holds_it(routerctl: Routerctl) -> None:
    routerctl.apply(FILES.replace(CANARY, f"{CANARY}-first"))
    routerctl.write("a.yaml", FILES)
    for words in COMMANDS:
        done = routerctl(*(str(routerctl.manifests) if word == "FILES" else word for word in words))
        assert done.code in {0, 1}, (words, done.err)
        assert [trace for trace in TRACES if trace in done.out + done.err] == [], words
    for path in routerctl.db.parent.iterdir():
        content = path.read_bytes()
        assert [trace for trace in TRACES if trace.encode() in content] == [], path


@pytest.mark.parametrize(
    "broken",
    [
        FILES.replace('"lm-studio"', '"lmstudio"'),
        FILES.replace('"apiKey"', '"apikey"'),
        FILES.replace('"baseURL"', '"baseUrl"'),
        FILES.replace(f'"apiKey": "{CANARY}"', f'"apiKey": ["{CANARY}"]'),
        FILES.replace(f'"apiKey": "{CANARY}"', f'"apiKey": {{"sealed": "{CANARY}"}}'),
        FILES.replace(f'"apiKey": "{CANARY}"', f'"apiKey": {{"sealed": "v-{CANARY}"}}'),
        FILES.replace(f'{{"value": "{CANARY}"}}', f'"{CANARY}"'),
        FILES.replace("http://localhost:1/v1", f"http://user:{CANARY}@localhost/v1"),
        FILES.replace("http://localhost:1/v1", CANARY),
        FILES.replace(f'"{CANARY}"', f'"{CANARY}', 1),
    ],
)
def test_no_error_repeats_it(routerctl: Routerctl, broken: str) -> None:
    assert broken != FILES
    path = routerctl.write("a.yaml", broken)
    for words in (["validate"], ["validate", "-o", "json"], ["diff"], ["apply"]):
        done = routerctl(*words, "-f", path)
        assert done.code == 3
        assert [trace for trace in TRACES if trace in done.out + done.err] == []
