"""What a provider of type cli is given: the fields of its config, and how its arguments are filled in."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from reconciler.field_types import EnvName, Timeout
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.shared_words import FIRST_BYTE_TIMEOUT, IDLE_TIMEOUT, TIMEOUT, TOOL_CALLING
from reconciler.provider_types.tool_text import ToolCalling

MODEL, PROMPT = "{model}", "{prompt}"
_PLACEHOLDER = re.compile(r"\{[A-Za-z_]+\}")


def _check_executable(written: str) -> str:
    if "\0" in written or ("/" in written and not written.startswith("/")):
        raise PydanticCustomError("executable", "expected a name to be found in PATH, or an absolute path")
    return written


def _check_argument(written: str) -> str:
    unknown = set(_PLACEHOLDER.findall(written)) - {MODEL, PROMPT}
    if unknown:
        raise PydanticCustomError(
            "argument",
            "{unknown} is no placeholder; there are {{model}} and {{prompt}}",
            {"unknown": min(unknown)},
        )
    if "\0" in written:
        raise PydanticCustomError("argument", "an argument can't hold a NUL")
    return written


def _check_folder(written: str) -> str:
    if not written.startswith("/") or "\0" in written:
        raise PydanticCustomError("folder", "expected an absolute path")
    return written


Executable = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=4096), AfterValidator(_check_executable)
]
Argument = Annotated[str, StringConstraints(strict=True, max_length=8192), AfterValidator(_check_argument)]
Folder = Annotated[
    str, StringConstraints(strict=True, min_length=1, max_length=4096), AfterValidator(_check_folder)
]


class CliConfig(ProviderConfig):
    executable: Executable = Field(
        description="The program: an absolute path, or a name that is looked up in the gateway's PATH. It is run where links "
        "lead, and only where the gateway was started with --allow-exec for that."
    )
    args: Annotated[list[Argument], Field(max_length=64)] = Field(
        [],
        description="Its arguments, each passed as it is; there is no shell. {model} becomes the upstream's name of the "
        "model, {prompt} the prompt, which otherwise comes on standard input.",
    )
    timeout: Timeout = Field("120s", description=TIMEOUT)
    firstByteTimeout: Timeout | None = Field(None, description=FIRST_BYTE_TIMEOUT)
    idleTimeout: Timeout | None = Field(None, description=IDLE_TIMEOUT)
    runTimeout: Timeout = Field(
        "10m", description="How long the program may run for one request, whatever it writes meanwhile."
    )
    maxOutputBytes: Annotated[int, Field(strict=True, ge=1, le=1 << 30)] = Field(
        16 * 1024 * 1024, description="How much it may write for one request; then it is ended."
    )
    environment: Annotated[list[EnvName], Field(max_length=64)] = Field(
        [],
        description="Environment variables of the gateway that it gets beside PATH, HOME and LANG, by name; those that "
        "manifests may read (--allow-env). One that is not set is left out.",
    )
    workingDirectory: Folder | None = Field(
        None,
        description="Where it works: a folder below one that the gateway was started with --allow-dir for. Without it, each "
        "request has an empty folder of its own, which is removed afterwards.",
    )
    toolCalling: ToolCalling | None = Field(None, description=TOOL_CALLING)

    @field_validator("toolCalling")
    @classmethod
    def _not_native(cls, written: ToolCalling | None) -> ToolCalling | None:
        if written == "native":
            raise PydanticCustomError("tool_calling", "a program takes no tools; write xml or off")
        return written


def arguments(template: tuple[str, ...], model: str, prompt: str) -> tuple[str, ...]:
    """What the program is called with. Where a request says all of an argument, that never looks like an option."""

    def replaced(item: str) -> str:
        filled = _PLACEHOLDER.sub(lambda found: model if found[0] == MODEL else prompt, item)
        return f" {filled}" if item.startswith(PROMPT) and filled.startswith("-") else filled

    return tuple(map(replaced, template))


def takes_prompt(args: list[str] | tuple[str, ...]) -> bool:
    """Whether the prompt is an argument, or part of one."""
    return any(PROMPT in item for item in args)
