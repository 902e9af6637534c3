"""Manifests to measure with: a file for each provider, with its models and bindings, as people would write them."""

from dataclasses import dataclass
from pathlib import Path

PER_FILE = 10
"""Documents of a file: a provider, four models, and five bindings, one of them to the next file's first model."""
_MODELS = 4
PROVIDER = "provider-00000"
SERVED = "model-00000-0"
"""A model that answers without a network: its provider is a simulator."""
KEY_VARIABLE = "BENCHMARK_API_KEY"

_PROVIDER = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata:
  name: {provider}
  labels: {{team: team-{team:02}, tier: {tier}}}
  annotations: {{example.com/owner: "team-{team:02}@example.com"}}
spec:
  type: openai-compatible
  displayName: Provider {number:05}
  description: The endpoint that team {team:02} pays for.
  priority: {priority}
  config:
    baseURL: http://127.0.0.1:9/{provider}/v1
    apiKey:
      valueFrom:
        env: {variable}
    timeout: 90s
    connectTimeout: 3s
    headers:
      x-team: team-{team:02}
"""
_SIMULATOR = """\
apiVersion: routerctl.dev/v1
kind: Provider
metadata:
  name: {provider}
spec:
  type: simulator
  displayName: Provider {number:05}
  priority: {priority}
  config:
    text: hello
"""
_MODEL = """\
apiVersion: routerctl.dev/v1
kind: Model
metadata:
  name: {model}
  labels: {{team: team-{team:02}}}
spec:
  displayName: Model {model}
  description: Answers questions about {model}.
  capabilities: [chat, tools]
  contextWindow: 131072
  maxOutputTokens: 8192
  aliases:
    - {model}-latest
"""
_BINDING = """\
apiVersion: routerctl.dev/v1
kind: Binding
metadata:
  name: {binding}
spec:
  model: {model}
  provider: {provider}
  upstreamModel: vendor/{model}
  priority: {priority}
"""


@dataclass(frozen=True, slots=True)
class Corpus:
    folder: Path
    resources: int
    files: int
    size: int
    """In bytes."""

    @property
    def first(self) -> Path:
        """The file that `touch` changes."""
        return self.folder / "provider-00000.yaml"

    def touch(self, number: int) -> None:
        """Makes one resource differ from every earlier `number`: the priority of the first file's provider."""
        self.first.write_text(_text(0, self.files, priority=number), encoding="utf-8")


def write(folder: Path, resources: int) -> Corpus:
    """`resources` is rounded down to whole files."""
    files = max(2, resources // PER_FILE)
    folder.mkdir(parents=True)
    # its name would be the folder's path; a source named by itself is the same in every run
    (folder / "routerctl.yaml").write_text("source: benchmark\n", encoding="utf-8")
    size = 0
    for number in range(files):
        text = _text(number, files, priority=0)
        (folder / f"provider-{number:05}.yaml").write_text(text, encoding="utf-8")
        size += len(text)
    return Corpus(folder, files * PER_FILE, files, size)


def _text(number: int, files: int, *, priority: int) -> str:
    names = {"provider": f"provider-{number:05}", "number": number, "team": number % 40}
    head = _PROVIDER if number else _SIMULATOR
    tier = "production" if number % 3 else "trial"
    parts = [head.format(**names, tier=tier, priority=priority, variable=KEY_VARIABLE)]
    models = [f"model-{number:05}-{index}" for index in range(_MODELS)]
    parts += [_MODEL.format(model=model, team=number % 40) for model in models]
    for model in [*models, f"model-{(number + 1) % files:05}-0"]:
        binding = f"{model}-by-{number:05}"
        own = 100 if model in models else 0
        parts.append(_BINDING.format(binding=binding, model=model, provider=names["provider"], priority=own))
    return "---\n".join(parts)
