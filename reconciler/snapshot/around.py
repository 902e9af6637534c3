"""What a provider is built from beside its config and its secrets: files of certificates, and a program with its environment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from reconciler.json_types import JsonObject
from reconciler.provider_types.base import ProviderType
from reconciler.settings import Reach
from reconciler.snapshot.programs import Program, built_from, program_of
from reconciler.snapshot.tls import UpstreamTLS, files_of, paths_of, tls_of


@dataclass(frozen=True, slots=True)
class Around:
    """`files` are the contents, by the field that names the file."""

    files: Mapping[str, str] = field(repr=False)
    program: Program | None = None

    def marks(self) -> Mapping[str, str]:
        """What tells it from another."""
        return self.files if self.program is None else {**self.files, **built_from(self.program)}

    def tls(self, config: JsonObject, secrets: Mapping[str, str]) -> UpstreamTLS | None:
        """Raises InvalidInput where what was read is no use."""
        return tls_of(config, {**secrets, **self.files})


def around_of(
    provider_type: ProviderType, config: JsonObject, reach: Reach, environ: Mapping[str, str]
) -> Around:
    """Raises SecretError, InvalidInput, NotTrusted."""
    program = program_of(config, reach, environ) if provider_type.transport == "process" else None
    return Around(files_of(config, reach), program)


def files_read(config: JsonObject) -> tuple[str, ...]:
    """The paths of the files."""
    return tuple(paths_of(config).values())
