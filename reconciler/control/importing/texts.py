"""Text of a file → Findings, by what it is."""

from collections.abc import Mapping
from pathlib import Path

from reconciler.control.importing import detecting
from reconciler.control.importing.detecting import AUTO, NotKnown, checked
from reconciler.control.importing.env import import_env
from reconciler.control.importing.envoy import import_envoy, is_of_envoy
from reconciler.control.importing.findings import Findings
from reconciler.control.importing.foreign_toml import read_foreign_toml
from reconciler.control.importing.mappings import read_mapping
from reconciler.control.importing.source_files import TOML, YAML
from reconciler.control.importing.tensorzero import import_tensorzero
from reconciler.control.manifest.foreign_yaml import read_foreign_documents
from reconciler.errors import InvalidInput

_ENVOY = "envoy-ai-gateway"


def read_text(path: Path, content: bytes, said: str, environ: Mapping[str, str], namespace: str) -> Findings:
    """said: what --from says. Raises NotKnown for nobody's file, InvalidInput for one that is not what was said."""
    text, origin = content.decode("utf-8", "replace"), str(path)
    if said == "env" or (said == AUTO and detecting.is_env_name(path.name)):
        return import_env(text, origin, namespace)
    if path.suffix == TOML:
        data = read_foreign_toml(content, origin)
        checked(path, detecting.form_of_toml(data), said)
        return import_tensorzero(data, origin, namespace)
    try:
        documents = read_foreign_documents(content, origin)
    except InvalidInput:
        if said == AUTO and path.suffix not in YAML and detecting.is_env_text(text):
            return import_env(text, origin, namespace)
        raise
    if is_of_envoy(documents):
        checked(path, _ENVOY, said)
        return import_envoy(documents, origin, namespace)
    if len(documents) != 1:
        raise NotKnown(f"{path} holds {len(documents)} documents", hint="give the file that is meant")
    return read_mapping(path, documents[0], said, environ, namespace)
