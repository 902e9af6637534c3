"""Rules on secrets: where they stand, where they are read, and where they may go."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from reconciler.control.lint.declarations import Declarations, config_of, texts
from reconciler.control.lint.rule import Remark, Rule, Severity
from reconciler.control.seal import secrets_of
from reconciler.errors import NotTrusted
from reconciler.json_types import value_at
from reconciler.resources.references import references
from reconciler.resources.resource import Resource, ResourceKey
from reconciler.secrets.sources import read_env
from reconciler.settings import Reach


def _read_from(files: Declarations, way: str) -> Iterator[tuple[ResourceKey, tuple[str, ...], str]]:
    """(resource, field, what is named) of all secrets that are read from `way`: env or file."""
    for kind in ("Provider", "Secret", "Settings"):
        for resource in files.of_kind(kind):
            for path, written in secrets_of(resource):
                target = value_at(written, ("valueFrom", way))
                if isinstance(target, str):
                    yield resource.key, ("spec", *path, "valueFrom", way), target


def _env_not_allowed(files: Declarations) -> Iterator[Remark]:
    for key, field, name in _read_from(files, "env"):
        try:
            read_env(name, {name: "set"}, Reach())
        except NotTrusted as refused:
            yield Remark(key, field, refused.message, f"{refused.hint}, or name it *_API_KEY or *_TOKEN")


def _secret_file_relative(files: Declarations) -> Iterator[Remark]:
    for key, field, path in _read_from(files, "file"):
        if not path.startswith("/"):
            yield Remark(key, field, "the path of a secret file has to be absolute", "begin it with /")


def _uses(files: Declarations) -> Iterator[tuple[Resource, tuple[str | int, ...], Resource]]:
    """(Provider, its field, Secret) of all references to Secrets of these files."""
    for provider in files.of_kind("Provider"):
        for reference in references(provider):
            secret = files.get(reference.target)
            if secret is not None:
                yield provider, reference.field, secret


def _secret_host_mismatch(files: Declarations) -> Iterator[Remark]:
    for provider, field, secret in _uses(files):
        hosts = texts(secret.spec.get("hosts"))
        written = config_of(provider).get("baseURL")
        host = urlsplit(written).hostname if isinstance(written, str) else None
        if hosts and host is not None and host.lower() not in {_comparable(each) for each in hosts}:
            yield Remark(
                provider.key,
                field,
                f"{secret.key} may not go to {host}: it is none of its hosts",
                f"add it to hosts of {secret.key}, or use another Secret",
            )


def _comparable(host: str) -> str:
    return host.lower().removeprefix("[").removesuffix("]")


def _secret_without_hosts(files: Declarations) -> Iterator[Remark]:
    for key in sorted({secret.key for _, _, secret in _uses(files) if not secret.spec.get("hosts")}):
        yield Remark(
            key, ("spec",), "names no hosts: its values go wherever its Providers point", "write hosts"
        )


def _unused_secret(files: Declarations) -> Iterator[Remark]:
    used = {secret.key for _, _, secret in _uses(files)}
    for secret in files.of_kind("Secret"):
        if secret.key not in used:
            yield Remark(
                secret.key,
                ("metadata", "name"),
                "no Provider in these files refers to it",
                "delete it, or refer to it",
            )


_REFERRING = """\
kind: Provider
metadata: {name: openai}
spec:
  type: openai-compatible
  config:
    baseURL: https://api.openai.com/v1
    apiKey: {valueFrom: {secret: {name: keys, key: OPENAI}}}
"""

ROWS: tuple[Rule, ...] = (
    Rule(
        "plaintext-secret",
        Severity.WARNING,
        "Provider secret fields, Secret data",
        "A secret stands in the file itself.",
        "Apply moves the value to the vault, but the file and its whole git history keep it. Seal it "
        "(`routerctl secret seal -f FILE`) or refer to it, and rotate it if it was committed. validate, diff and apply warn of it as well.",
        """\
kind: Provider
metadata: {name: openai}
spec:
  type: openai-compatible
  config: {baseURL: "https://api.openai.com/v1", apiKey: sk-not-a-real-key}
""",
        """\
kind: Provider
metadata: {name: openai}
spec:
  type: openai-compatible
  config: {baseURL: "https://api.openai.com/v1", apiKey: {valueFrom: {env: OPENAI_API_KEY}}}
""",
    ),
    Rule(
        "env-not-allowed",
        Severity.WARNING,
        "valueFrom.env of a Provider or Secret",
        "A variable that manifests may not read unless the gateway is told so.",
        "A gateway reads *_API_KEY and *_TOKEN, what --allow-env adds, and never ROUTERCTL_*. A provider whose "
        "variable is out of reach is refused.",
        """\
kind: Provider
metadata: {name: openai}
spec:
  type: openai-compatible
  config: {baseURL: "https://api.openai.com/v1", apiKey: {valueFrom: {env: OPENAI_CREDENTIAL}}}
""",
        """\
kind: Provider
metadata: {name: openai}
spec:
  type: openai-compatible
  config: {baseURL: "https://api.openai.com/v1", apiKey: {valueFrom: {env: OPENAI_API_KEY}}}
""",
        _env_not_allowed,
    ),
    Rule(
        "secret-file-relative",
        Severity.WARNING,
        "valueFrom.file of a Provider or Secret",
        "A secret file with a relative path.",
        "It would depend on the folder in which the gateway was started, so it is never read.",
        """\
kind: Secret
metadata: {name: keys}
spec: {data: {OPENAI: {valueFrom: {file: secrets/openai}}}}
""",
        """\
kind: Secret
metadata: {name: keys}
spec: {data: {OPENAI: {valueFrom: {file: /run/secrets/openai}}}}
""",
        _secret_file_relative,
    ),
    Rule(
        "secret-host-mismatch",
        Severity.WARNING,
        "Provider secret fields that refer to a Secret",
        "A Secret is sent to a host that it does not list.",
        "Where a Secret names hosts, its values go to no other one: the provider is refused.",
        _REFERRING
        + """\
---
kind: Secret
metadata: {name: keys}
spec: {hosts: [api.example.com], data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
""",
        _REFERRING
        + """\
---
kind: Secret
metadata: {name: keys}
spec: {hosts: [api.openai.com], data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
""",
        _secret_host_mismatch,
        together=True,
    ),
    Rule(
        "secret-without-hosts",
        Severity.INFO,
        "Secret hosts",
        "A Secret that is used says nothing of where it may go.",
        "Then whoever may change a Provider's baseURL in the same source may send the value anywhere. With hosts, "
        "they would have to change the Secret, too.",
        _REFERRING
        + """\
---
kind: Secret
metadata: {name: keys}
spec: {data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
""",
        _REFERRING
        + """\
---
kind: Secret
metadata: {name: keys}
spec: {hosts: [api.openai.com], data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
""",
        _secret_without_hosts,
        together=True,
    ),
    Rule(
        "unused-secret",
        Severity.INFO,
        "Secret",
        "No Provider refers to a Secret.",
        "A credential that nobody needs can only leak. Silence it where the Providers stand in other files.",
        """\
kind: Secret
metadata: {name: old-keys}
spec: {hosts: [api.openai.com], data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
""",
        _REFERRING
        + """\
---
kind: Secret
metadata: {name: keys}
spec: {hosts: [api.openai.com], data: {OPENAI: {valueFrom: {env: OPENAI_API_KEY}}}}
""",
        _unused_secret,
        together=True,
    ),
)
