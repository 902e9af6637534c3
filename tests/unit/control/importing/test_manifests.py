from fakes.importing import DATA

from reconciler.control.importing.env import import_env
from reconciler.control.importing.litellm import import_litellm
from reconciler.control.importing.manifests import files, literal, text, with_secrets
from reconciler.control.manifest.decode import decode
from reconciler.control.manifest.foreign_yaml import read_foreign
from reconciler.control.manifest.reader import read_text

KEY = "sk-5f0c1e2d3b4a59687786950a1b2c3d4e"


def test_what_is_written_is_read_as_the_same() -> None:
    env = import_env((DATA / "router.env").read_text(encoding="utf-8"), "f")
    lite = import_litellm(read_foreign((DATA / "litellm.yaml").read_bytes(), "f"), "f", lambda _: None, {})
    for found in (env, lite):
        decoding = decode(read_text(text(with_secrets(found, None)), "f").documents)
        assert decoding.problems == ()
        assert {each.key: each.resource.spec for each in decoding.declared} == {
            resource.key: resource.spec for resource in found.resources
        }


def test_a_secret_is_a_variable_or_what_it_is_asked_to_be() -> None:
    found = import_env((DATA / "router.env").read_text(encoding="utf-8"), "f")
    assert KEY not in text(with_secrets(found, None))
    assert KEY in text(with_secrets(found, literal))
    assert "sealed: here" in text(with_secrets(found, lambda place, value: {"sealed": "here"}))


def test_a_model_and_its_bindings_share_a_file() -> None:
    made = files(with_secrets(import_env((DATA / "router.env").read_text(encoding="utf-8"), "f"), None))
    assert set(made) >= {"models/qwen3-max.yaml", "providers/lm-studio-default.yaml", "settings/default.yaml"}
    assert made["models/qwen3-max.yaml"].count(b"kind: Binding") == 1
    assert not any(name.startswith("bindings/") for name in made)
