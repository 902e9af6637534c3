import pytest
from fakes.command import Routerctl


def test_without_a_word_it_lists_the_kinds(routerctl: Routerctl) -> None:
    lines = routerctl.ok("explain").splitlines()
    assert lines[0].split() == ["KIND", "WORDS", "IS"]
    assert [line.split()[0] for line in lines[1:]] == [
        "Secret",
        "Provider",
        "Model",
        "Binding",
        "Route",
        "Settings",
        "ClientKey",
    ]
    assert routerctl("explain", "-o", "json").json()["kinds"][2]["words"] == ["model", "models"]


@pytest.mark.parametrize("word", ["provider", "Providers", "prov"])
def test_a_kind_is_named_as_get_takes_it(routerctl: Routerctl, word: str) -> None:
    out = routerctl.ok("explain", word)
    assert out.startswith(
        "KIND:       Provider\nVERSION:    routerctl.dev/v1\n\nDESCRIPTION:\n    An upstream"
    )
    assert "  spec\t<Object> -required-\n" in out


def test_a_field(routerctl: Routerctl) -> None:
    out = routerctl.ok("explain", "provider.spec.config.timeout")
    assert "FIELD: spec.config.timeout <duration>\n" in out
    assert "TYPES:\n    openai-compatible, lm-studio" in out
    assert "DEFAULT:\n    120s\n" in out


def test_what_one_provider_type_takes(routerctl: Routerctl) -> None:
    out = routerctl.ok("explain", "provider.spec.config", "--type", "simulator")
    assert "  chunkSize\t<integer>\n" in out
    assert "baseURL" not in out
    every = routerctl.ok("explain", "provider.spec.config")
    assert "  chunkSize\t<integer>\n" in every
    assert "default: 16; types: simulator\n" in every


def test_all_depths(routerctl: Routerctl) -> None:
    out = routerctl.ok("explain", "secret.spec", "--recursive")
    assert "  data\t<map[string]secret> -required-\n    value\t<string>\n" in out
    assert "      env\t<string>" in out


def test_json(routerctl: Routerctl) -> None:
    told = routerctl("explain", "binding.spec", "-o", "json").json()
    assert (told["kind"], told["path"], told["type"]) == ("Binding", ["spec"], "Object")
    assert [field["name"] for field in told["fields"]][:2] == ["model", "provider"]
    assert routerctl.ok("explain", "binding.spec.enabled", "-o", "jsonpath={.default}") == "true\n"


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        (["provder"], "did you mean provider?"),
        (["xyzzy"], "one of Secret, Provider, Model, Binding, Route, Settings"),
        (["provider.spec.config.baseurl"], "did you mean provider.spec.config.baseURL?"),
        (["provider.timeout"], "did you mean provider.spec.config.timeout?"),
        (["model.spec.xyzzy"], "known here: displayName, "),
        (["model.spec.aliases.xyzzy"], "it holds no fields"),
        (
            ["provider.spec.config.baseURL", "--type", "simulator"],
            "it is a field of type openai-compatible, lm-studio",
        ),
    ],
)
def test_what_there_is_not(routerctl: Routerctl, asked: list[str], hint: str) -> None:
    done = routerctl("explain", *asked)
    assert (done.code, done.out) == (3, "")
    assert hint in done.err


def test_a_type_is_a_providers(routerctl: Routerctl) -> None:
    assert routerctl("explain", "model", "--type", "simulator").code == 2
    assert routerctl("explain", "provider", "--type", "xyzzy").code == 2
