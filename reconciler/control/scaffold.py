"""What a new repository of manifests begins with: files by their paths. Pure; `init` writes them."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal

from reconciler import __version__
from reconciler.control.manifest.emitter import to_yaml
from reconciler.control.manifest.writer import document
from reconciler.control.provider_templates import Template
from reconciler.json_types import JsonObject
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey

Files = Mapping[PurePosixPath, str]
CI = Literal["github", "gitlab", "none"]
MANIFESTS = "manifests"
DEMO = "demo"
"""The Model of a Provider that needs no network: there is something to ask from the first minute on."""

_SETTINGS_FILE = """\
# The name under which what these manifests declare is owned, pruned and held: the same on every machine.
source: {source}
"""
_IGNORED = """\
# What a store of this machine keeps, and what holds secrets in plain text. A sealed value (sealed: s1-...) may be committed.
*.db
*.db-shm
*.db-wal
*.key
.env
.env.*
secrets/
"""
_GITHUB = """\
# Each push and pull request is checked. No step sees a secret of production.
name: routing

on: [push, pull_request]

permissions:
  contents: read

jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: pip install --quiet routerctl=={version}
      - run: routerctl validate -f {manifests} --closed
      - run: routerctl lint -f {manifests} -o github
"""
_GITLAB = """\
# Each push and merge request is checked. No job sees a secret of production.
check:
  image: python:3.12
  script:
    - pip install --quiet routerctl=={version}
    - routerctl validate -f {manifests} --closed
    - routerctl lint -f {manifests}
"""
_CI: Mapping[str, tuple[str, str]] = {
    "github": (".github/workflows/routing.yaml", _GITHUB),
    "gitlab": (".gitlab-ci.yml", _GITLAB),
}


def scaffold(source: str, templates: Sequence[Template], ci: CI) -> Files:
    """A Provider of each template. The first is the active one, which takes names that no Model has."""
    files: dict[str, str] = {
        "routerctl.yaml": _SETTINGS_FILE.format(source=source),
        ".gitignore": _IGNORED,
        f"{MANIFESTS}/settings.yaml": _settings(templates[0]),
    }
    for template in templates:
        files[f"{MANIFESTS}/providers/{template.name}.yaml"] = _provider(template)
    if any(template.type == "simulator" for template in templates):
        files[f"{MANIFESTS}/models/{DEMO}.yaml"] = _demo(templates)
    if ci in _CI:
        path, text = _CI[ci]
        files[path] = text.replace("{version}", __version__).replace("{manifests}", MANIFESTS)
    return {PurePosixPath(path): text for path, text in files.items()}


def _settings(first: Template) -> str:
    told: JsonObject = {"activeProvider": first.name, "unknownModels": "forward"}
    comment = (
        "# The active provider is tried first. It also takes each name that no Model has, under that name: fine to begin\n"
        "# with; once every model has its Model and Bindings, write unknownModels: reject.\n"
    )
    return comment + to_yaml([_document("Settings", "default", told)])


def _provider(template: Template) -> str:
    comment = f"# {template.display_name}" + (f": {template.note}.\n" if template.note else ".\n")
    if template.variable is not None:
        comment += f"# Its key is read from the variable {template.variable} of the process that serves.\n"
    return comment + to_yaml([_document("Provider", template.name, template.spec())])


def _demo(templates: Sequence[Template]) -> str:
    provider = next(template.name for template in templates if template.type == "simulator")
    model = _document("Model", DEMO, {"displayName": "Demo", "capabilities": ["chat"]})
    binding: JsonObject = {"model": DEMO, "provider": provider, "default": True}
    return to_yaml([model, _document("Binding", f"{DEMO}-{provider}", binding)])


def _document(kind: str, name: str, spec: JsonObject) -> JsonObject:
    return document(ResourceKey(kind, DEFAULT_NAMESPACE, name), {}, spec)
