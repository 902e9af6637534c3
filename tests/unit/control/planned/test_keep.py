from pathlib import Path

import pytest
from fakes.kept import plan
from fakes.workshop import Workshop, binding, model, remote, secret, simulator

from reconciler import __version__
from reconciler.resources.resource import Resource, ResourceKey


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def relied(shop: Workshop, before: list[Resource], now: list[Resource]) -> list[str]:
    """What a plan to add `now` to `before` relies on."""
    shop.write("a.yaml", *before)
    shop.apply()
    shop.write("b.yaml", *now)
    return [str(each.key) for each in plan(shop).relies]


def test_it_says_where_it_comes_from(shop: Workshop) -> None:
    shop.write("a.yaml", simulator())
    kept = plan(shop, prune=True)
    assert (kept.plan.base, kept.base_digest, kept.program) == (0, None, __version__)
    assert (kept.source, kept.names, kept.manager) == (
        str(shop.folder), (str(shop.folder),), f"git:{shop.folder}"
    )  # fmt: skip
    assert (kept.prune, kept.scopes, kept.declares) == (True, ("",), (simulator().key,))
    shop.apply()
    again = plan(shop)
    assert (again.plan.base, again.base_digest) == (1, shop.reader.revision(1).digest)
    assert again.declares == ()


def test_it_relies_on_what_it_refers_to_and_leaves_alone(shop: Workshop) -> None:
    assert relied(shop, [model(), simulator(), simulator("other")], [binding("b", "m", "sim")]) == [
        "Model/m", "Provider/sim"
    ]  # fmt: skip


def test_what_it_makes_itself_is_none_of_that(shop: Workshop) -> None:
    assert relied(shop, [model()], [simulator(), binding("b", "m", "sim")]) == ["Model/m"]


def test_it_relies_on_secrets(shop: Workshop) -> None:
    key = {"valueFrom": {"secret": {"name": "keys", "key": "A"}}}
    assert relied(shop, [secret(A="sk-canary")], [remote(apiKey=key)]) == ["Secret/keys"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [("m", ["Model/m"]), ("fast", ["Model/n"]), ("acme/x", ["Model/n"])],
)
def test_it_relies_on_what_the_default_model_means(shop: Workshop, asked: str, found: list[str]) -> None:
    settings = Resource(ResourceKey("Settings", "default", "default"), {"defaultModel": asked})
    assert relied(shop, [model(), model("n", aliases=["fast", "acme/*"])], [settings]) == found
