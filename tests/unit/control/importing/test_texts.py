import pytest
from fakes.importing import DATA

from reconciler.control.importing.detecting import NotKnown
from reconciler.control.importing.texts import read_text
from reconciler.errors import InvalidInput


def form(name: str, said: str = "auto", content: bytes | None = None) -> str:
    path = DATA / name
    found = read_text(path, path.read_bytes() if content is None else content, said, {}, "default")
    return found.forms[0].partition(": ")[2]


@pytest.mark.parametrize(
    ("name", "said", "told"),
    [
        ("llama-swap.yaml", "llama-swap", "llama-swap's config"),
        ("tensorzero.toml", "tensorzero", "TensorZero's config"),
        ("envoy.yaml", "envoy-ai-gateway", "Envoy AI Gateway's objects"),
    ],
)
def test_each_text_is_what_it_is(name: str, said: str, told: str) -> None:
    assert form(name) == form(name, said) == told
    with pytest.raises(InvalidInput, match=f"is of {said}, not of oxide"):
        form(name, "oxide")


def test_what_is_nobodys_is_told_apart_from_what_is_broken() -> None:
    for content in (b"a: 1\n---\nb: 2\n", b"a: 1\n", b""):
        with pytest.raises(NotKnown):
            form("x.yaml", content=content)
    with pytest.raises(NotKnown):
        form("x.toml", content=b"a = 1")
    for name, content in (("x.yaml", b"a: [\n"), ("x.toml", b"a =")):
        with pytest.raises(InvalidInput) as error:
            form(name, content=content)
        assert not isinstance(error.value, NotKnown)
    assert form("settings", content=b"PORT=1\n").startswith("environment")
