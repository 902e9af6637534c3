"""Every curl of docs/how-to/rest-api.md is asked, in its order, of the API itself."""

import re
import shlex
from pathlib import Path

import httpx2
from fakes.api import Asked, api

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "rest-api.md"
BASE = "http://127.0.0.1:8485"


def commands() -> list[list[str]]:
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    words = shlex.split("".join(blocks))
    starts = [index for index, word in enumerate(words) if word == "curl"]
    return [words[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]


def asked_as(asked: Asked, words: list[str]) -> httpx2.Response:
    method, body, headers, path = "GET", None, {}, ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name.lower().replace("-", "_")] = value
        elif word == "-d":
            body = next(rest).encode()
        else:
            path = word.removeprefix(BASE)
    return asked.ask(method, path, body, **headers)


def test_each_of_them_does_what_the_page_says(tmp_path: Path) -> None:
    found = commands()
    assert len(found) > 12
    with api(tmp_path) as asked:
        for words in found:
            answer = asked_as(asked, words)
            assert answer.is_success, (words, answer.text)
        assert asked.get("/v1/providers/lm-studio-gpu-server/config").json()["config"] == {
            "baseURL": "http://192.168.0.60:1234/v1",
            "timeout": 180000,
            "defaultModel": "qwen3-max",
        }
        assert asked.spec("Model", "qwen3-max")["contextWindow"] == 262144
        assert asked.spec("Model", "small") == {"contextWindow": 8192, "description": "for drafts"}
        assert asked.spec("Settings", "default")["activeProvider"] == "lm-studio-gpu-server"
        refused = asked.put("/v1/settings/active_provider", {"value": "nope"}).json()
        assert refused["detail"] in PAGE.read_text(encoding="utf-8")
