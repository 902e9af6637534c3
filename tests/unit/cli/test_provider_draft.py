import click
import pytest

from reconciler.cli.provider_draft import Draft, begun, models_of, template_of
from reconciler.control.imperative.providing import Around, Linked
from reconciler.control.provider_templates import TEMPLATES
from reconciler.errors import InvalidInput


def test_a_template_gives_the_name_too() -> None:
    draft = begun(None, TEMPLATES["ollama"], None)
    assert (draft.name, draft.type, draft.spec["displayName"]) == ("ollama", "ollama", "Ollama")
    other = begun("mine", TEMPLATES["ollama"], "lm-studio")
    assert (other.name, other.type, "displayName" in other.spec) == ("mine", "lm-studio", False)
    assert begun("p", None, "simulator").spec == {"type": "simulator"}
    with pytest.raises(click.UsageError, match="say NAME and --type TYPE, or --template"):
        begun("p", None, None)


def test_a_template_that_there_is_not() -> None:
    assert template_of(None) is None
    assert template_of("groq") is TEMPLATES["groq"]
    with pytest.raises(InvalidInput, match='no template "opnai"\n  did you mean openai'):
        template_of("opnai")
    with pytest.raises(InvalidInput, match="one of openai, anthropic"):
        template_of("zzz")


def test_models_in_words() -> None:
    assert models_of(["a", "b=c"], "b") == (Linked("a"), Linked("b", "c", default=True))
    assert models_of([], "x") == (Linked("x", default=True),)
    assert models_of([], None) == ()
    for words in (["a", "a"], ["=x"], ["a="]):
        with pytest.raises(click.UsageError, match="write each once"):
            models_of(words, None)


def test_all_of_it_at_once() -> None:
    draft = Draft("p", {"type": "simulator"}, (Linked("m"),), active=True)
    keys = [str(key) for key in draft.rewrites(Around("default"))]
    assert keys == ["Provider/p", "Model/m", "Binding/m-p", "Settings/default"]
    assert draft.summary == "Provider p of type simulator, with m"
    assert draft.with_fields({("priority",): 3}).spec == {"type": "simulator", "priority": 3}
    assert Draft("p", {"type": "simulator"}).summary == "Provider p of type simulator"
