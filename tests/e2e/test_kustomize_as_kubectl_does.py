"""What `-k` reads of a folder is what `kubectl kustomize` makes of it; what one refuses, the other refuses too."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes.kubectl import Kubectl

from reconciler.control.kustomize.build import Overlay, build
from reconciler.json_types import JsonObject

ROOT = Path(__file__).resolve().parents[2]
CONFIGURATION = "kustomizeconfig.yaml"

RESOURCES = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: cloud, labels: {tier: gold, area: eu}, annotations: {owner: ada}}
spec:
  type: openai-compatible
  description: null
  config:
    baseURL: http://one.example
    headers: {x-a: "1", x-b: "2"}
    apiKey: {valueFrom: {secret: {name: keys, key: CLOUD}}}
---
apiVersion: routerctl.dev/v1
kind: Provider
metadata: {name: cloudy, namespace: default, labels: {tier: tin}}
spec: {type: simulator, config: {}}
---
apiVersion: routerctl.dev/v1
kind: Secret
metadata: {name: keys}
spec: {data: {CLOUD: {valueFrom: {env: CLOUD_API_KEY}}}}
---
apiVersion: routerctl.dev/v1
kind: Binding
metadata: {name: bound}
spec: {model: small, provider: cloud, priority: 3}
---
apiVersion: routerctl.dev/v1
kind: Model
metadata: {name: small, labels: {}}
spec: {aliases: [s, xs], capabilities: [chat]}
"""
SETTINGS = """\
apiVersion: routerctl.dev/v1
kind: Settings
metadata: {name: default}
spec: {defaultModel: small}
"""
BASE = {"base/kustomization.yaml": "resources: [all.yaml]\n", "base/all.yaml": RESOURCES}


def patch(kind: str, name: str, rest: str, head: str = "") -> str:
    """An entry of `patches`, its text in a block."""
    lines = ["apiVersion: routerctl.dev/v1", f"kind: {kind}", f"metadata: {{name: {name}{head}}}", rest]
    return "- patch: |-\n" + "".join(f"    {line}\n" for line in "\n".join(lines).splitlines())


def operations(target: str, *listed: str) -> str:
    lines = "".join(f"    - {operation}\n" for operation in listed)
    return f"- target: {target}\n  patch: |-\n{lines}"


def over(*words: str) -> dict[str, str]:
    """The overlay `top` of the base, with these words in its kustomization."""
    return {**BASE, "top/kustomization.yaml": "\n".join(["resources: [../base]", *words]) + "\n"}


def mark(target: str) -> str:
    """Patches that show which resources a target means."""
    return "patches:\n" + operations(target, "{op: add, path: /spec/description, value: hit}")


SAME: Mapping[str, Mapping[str, str]] = {
    "a file and a folder": {
        **BASE,
        "top/kustomization.yaml": "resources: [more.yaml, ../base]\n",
        "top/more.yaml": SETTINGS,
    },
    "names and their references": over("namePrefix: pre-", "nameSuffix: -post"),
    "a namespace": over("namespace: prod", "namePrefix: p-"),
    "labels": over(
        "labels: [{pairs: {tier: lead, a: 'true'}, includeSelectors: true}, {pairs: {a: b, none: null}}]"
    ),
    "annotations": over("commonAnnotations: {owner: grace, why: because}"),
    "the old file name, and null words": {
        **BASE,
        "top/Kustomization": "resources: [../base]\nkind: Kustomization\nnamePrefix: null\npatches: []\n",
    },
    "merge patches": over(
        "patches:",
        patch(
            "Provider",
            "cloud",
            "spec: {description: {x: 1}, config: {headers: {x-a: null, x-c: '3', x-z: null}}}",
        ),
        patch("Provider", "cloud", "spec: {config: {new: {a: null, b: {c: null}}, none: {}}, gone: null}"),
        patch("Model", "small", "spec: {aliases: [], capabilities: [{a: null}]}", ", annotations: {q: w}"),
        patch("Binding", "bound", "spec: null"),
        patch("Provider", "cloudy", "spec: {description: two}\n---\n" + RESOURCES.split("---\n")[3]),
    ),
    "directives": over(
        "patches:",
        patch("Provider", "cloud", "spec: {config: {headers: {$patch: replace, x-n: '1', x-m: null}}}"),
        patch(
            "Provider",
            "cloud",
            "spec: {config: {apiKey: {$patch: delete}, n: {$patch: replace, a: {b: null}}}}",
        ),
        patch("Model", "small", "spec: {aliases: [a, {$patch: replace}]}", ", labels: {$patch: delete}"),
        patch("Provider", "cloudy", "$patch: delete"),
    ),
    "a merge patch for many": over(
        "patches:",
        "- target: {kind: Provider}",
        "  path: both.yaml",
    )
    | {
        "top/both.yaml": "apiVersion: v1\nkind: Any\nmetadata: {name: other, namespace: far}\nspec: {enabled: false}\n"
    },
    "many deleted": over(
        "patches:", "- target: {name: 'cloud.*'}", "  " + patch("X", "x", "$patch: delete")[2:]
    ),
    "JSON patches": over(
        "patches:",
        operations(
            "{kind: Model}",
            "{op: add, path: /spec/aliases/-, value: last}",
            "{op: add, path: /spec/aliases/0, value: first}",
            "{op: remove, path: /spec/aliases/1}",
            "{op: test, path: /spec/capabilities/0, value: chat}",
            "{op: add, path: /metadata/labels/a~1b, value: c}",
            "{op: copy, from: /spec/aliases, path: /spec/capabilities}",
        ),
        "- target: {kind: Binding}",
        "  path: move.json",
    )
    | {"top/move.json": '[{"op": "move", "from": "/spec/priority", "path": "/spec/weight"}]'},
    "a name that a JSON patch changes": over(
        "patches:", operations("{kind: Model}", "{op: replace, path: /metadata/name, value: tiny}")
    ),
    "a target by patterns": over(
        mark("{kind: Prov.*|Model, name: 'cloud|s[a-m]+l{2}', version: v\\d, namespace: def.*}")
    ),
    "a target by labels": over(
        mark("{labelSelector: 'tier in (gold, tin), area!=us, !x', annotationSelector: owner=ada}")
    ),
    "a target by any name": {
        **BASE,
        "mid/kustomization.yaml": "resources: [../base]\nnamePrefix: a-\n",
        "low/kustomization.yaml": "resources: [../mid]\nnamePrefix: b-\nnamespace: far\n",
        "top/kustomization.yaml": "resources: [../low]\n"
        + mark("{name: cloud, namespace: default}")
        + operations("{name: a-small}", "{op: add, path: /spec/mid, value: hit}")
        + operations("{name: b-a-small, namespace: far}", "{op: add, path: /spec/now, value: hit}")
        + patch("Binding", "bound", "spec: {priority: 1}")
        + patch("Binding", "a-bound", "spec: {weight: 2}")
        + patch("Binding", "b-a-bound", "spec: {enabled: false}", ", namespace: far"),
    },
    "one base, two ways": {
        **BASE,
        "east/kustomization.yaml": "resources: [../base]\nnamePrefix: east-\n",
        "west/kustomization.yaml": "resources: [../base]\nnamePrefix: west-\nlabels: [{pairs: {w: w}}]\n",
        "top/kustomization.yaml": "resources: [../west, ../east]\nnameSuffix: -x\n",
    },
    "components": {
        **BASE,
        "part/kustomization.yml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [s.yaml]\n"
        "nameSuffix: -c\n" + mark("{kind: Provider}"),
        "part/s.yaml": RESOURCES.replace("small", "large").split("---\n")[4],
        "other/kustomization.yaml": "kind: Component\ncomponents: [../part]\ncommonAnnotations: {o: o}\n",
        "top/kustomization.yaml": "resources: [../base]\ncomponents: [../other]\nnamePrefix: t-\npatches:\n"
        + patch("Model", "large", "spec: {aliases: null}"),
    },
    "what is only for the kustomization": over(
        "patches:",
        patch("Model", "small", "spec: {}", ", annotations: {config.kubernetes.io/local-config: 'true'}"),
    ),
}

REFUSED: Mapping[str, Mapping[str, str]] = {
    "a key that is not known": over("unknown: null"),
    "a file outside": over("patches: [{path: ../base/all.yaml}]"),
    "a circle": over() | {"base/kustomization.yaml": "resources: [../top]\n"},
    "a base above": over()
    | {"top/kustomization.yaml": "resources: ['..']\n", "kustomization.yaml": BASE["base/all.yaml"]},
    "a base that is a component": over()
    | {"base/kustomization.yaml": "kind: Component\nresources: [all.yaml]\n"},
    "a patch for nobody": over("patches:", patch("Model", "none", "spec: {}")),
    "a JSON patch without a target": over('patches: [{patch: \'[{"op": "remove", "path": "/spec"}]\'}]'),
    "a value of another type": over("patches:", patch("Provider", "cloud", "spec: {type: {a: b}}")),
    "a selector that is none": over(mark("{labelSelector: 'a b'}")),
}


def written(folder: Path, files: Mapping[str, str], *, configured: bool = True) -> Path:
    """The overlay `top`, with the names' configuration that kubectl needs beside it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    top = folder / "top"
    if configured:
        configure(top)
    return top


def configure(overlay: Path) -> None:
    shutil.copy(ROOT / "schemas" / CONFIGURATION, overlay)
    (file,) = (path for path in overlay.iterdir() if path.stem.lower() == "kustomization")
    file.write_text(
        file.read_text(encoding="utf-8") + f"\nconfigurations: [{CONFIGURATION}]\n", encoding="utf-8"
    )


def ours(folder: Path) -> list[JsonObject]:
    reading = build(Overlay(folder))
    assert [str(problem) for problem in reading.problems] == []
    return [document.data for document in reading.documents]


@pytest.mark.parametrize("name", SAME)
def test_the_documents_are_the_same(kubectl: Kubectl, tmp_path: Path, name: str) -> None:
    top = written(tmp_path / "tree", SAME[name])
    assert ours(top) == kubectl.kustomize(top)


@pytest.mark.parametrize("name", REFUSED)
def test_what_kubectl_refuses_is_refused(kubectl: Kubectl, tmp_path: Path, name: str) -> None:
    top = written(tmp_path / "tree", REFUSED[name], configured=False)
    assert kubectl.kustomize(top) is None
    assert build(Overlay(top)).problems


def test_but_settings_keep_their_name(kubectl: Kubectl, tmp_path: Path) -> None:
    """The one difference: under another name they would mean nothing, and no kustomization could help it."""
    files = over("namePrefix: dev-")
    files["base/all.yaml"] = SETTINGS
    top = written(tmp_path / "tree", files)
    (theirs,) = kubectl.kustomize(top) or []
    assert theirs["metadata"] == {"name": "dev-default"}
    assert ours(top) == [{**theirs, "metadata": {"name": "default"}}]


@pytest.mark.parametrize("name", ["base", "dev", "prod"])
def test_the_examples(kubectl: Kubectl, tmp_path: Path, name: str) -> None:
    shutil.copytree(ROOT / "examples" / "overlays", tmp_path / "overlays")
    overlay = tmp_path / "overlays" / name
    configure(overlay)
    theirs = kubectl.kustomize(overlay)
    assert theirs is not None
    for document in theirs:
        if document["kind"] == "Settings" and name == "dev":
            metadata = document["metadata"]
            assert isinstance(metadata, dict)
            metadata["name"] = "default"
    assert ours(overlay) == theirs
