"""What providers of type cli may run: what the process allows, and what a request says is never a command."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from fakes.programs import ENVIRON, program, script
from fakes.sink import RecordingSink

from reconciler.errors import NotTrusted
from reconciler.gateway.transport.process.transport import ProcessTransport
from reconciler.gateway.transport.translated import TranslatedTransport
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.cli import build
from reconciler.provider_types.cli_config import CliConfig
from reconciler.settings import Reach
from reconciler.snapshot.model import Timeouts
from reconciler.snapshot.programs import Program, program_of

MARK = "OWNED"


def test_case_37_no_program_is_run_that_the_process_does_not_allow(tmp_path: Path) -> None:
    """Nor by another name, a link, a folder that comes earlier in PATH, or a program beside the one that is allowed."""
    allowed = script(tmp_path, "allowed", "cat")
    evil = tmp_path / "first"
    evil.mkdir()
    script(evil, "allowed", f"echo {MARK}")
    script(tmp_path, "allowed2", f"echo {MARK}")
    link = tmp_path / "link"
    link.symlink_to("/bin/sh")
    reach = Reach(executables=(str(allowed),))
    early = {**ENVIRON, "PATH": f"{evil}:{tmp_path}"}
    tried: list[tuple[str, Mapping[str, str], Reach]] = [
        ("/bin/sh", ENVIRON, Reach()),
        ("/bin/sh", ENVIRON, reach),
        (str(link), ENVIRON, reach),
        (str(allowed) + "2", ENVIRON, reach),
        (f"{tmp_path}/../{tmp_path.name}/allowed2", ENVIRON, reach),
        ("allowed", early, reach),
        (str(allowed), ENVIRON, Reach(executables=(str(tmp_path),))),
    ]
    for executable, environ, given in tried:
        with pytest.raises(NotTrusted, match="not among those that manifests may run"):
            program_of({"executable": executable}, given, environ)
    assert program_of({"executable": str(allowed)}, reach, ENVIRON).start("m", "").path == str(allowed)


def test_case_37_a_program_that_becomes_another_while_it_is_served_is_not_started(tmp_path: Path) -> None:
    allowed, link = script(tmp_path, "allowed", "cat"), tmp_path / "link"
    link.symlink_to(allowed)
    made = program_of({"executable": str(link)}, Reach(executables=(str(allowed),)), ENVIRON)
    link.unlink()
    link.symlink_to(script(tmp_path, "other", f"echo {MARK}"))
    (said,) = answered(made, "hi")
    assert MARK.encode() not in said


TEXTS = (f"; echo {MARK}", f"$(echo {MARK})", f"`echo {MARK}`", f"a\n! {MARK}\nb", "--version", "-rf")


@pytest.mark.parametrize("args", [(), ("{prompt}",), ("--ask={prompt}", "--", "{model}")])
def test_case_37_what_a_request_says_is_no_command_and_no_option(
    tmp_path: Path, args: tuple[str, ...]
) -> None:
    """The program says what it was called with, and what it read."""
    tool = script(tmp_path, "tool", 'printf "[%s]" "$@"; printf "<"; cat; printf ">"')
    said = answered(program(tool, args=[*args]), *TEXTS)
    for text, body in zip(TEXTS, said, strict=True):
        wanted = {
            (): f"[]<{text}>",
            ("{prompt}",): f"[{' ' if text.startswith('-') else ''}{text}]<>",
        }.get(args, f"[--ask={text}][--][m]<>")
        assert json.loads(body)["choices"][0]["message"]["content"] == wanted


def test_case_37_it_gets_nothing_of_the_gateways_environment_but_what_is_named(tmp_path: Path) -> None:
    environ = {**ENVIRON, "ROUTERCTL_ENCRYPTION_KEY": "k", "OPENAI_API_KEY": "sk"}
    tool = script(tmp_path, "tool", "env")
    (said,) = answered(program(tool, environ), "hi")
    assert b"OPENAI_API_KEY" not in said
    assert b"ROUTERCTL" not in said
    with pytest.raises(NotTrusted, match="routerctl's own"):
        program(tool, environ, environment=["ROUTERCTL_ENCRYPTION_KEY"])


def answered(run: Program, *texts: str) -> list[bytes]:
    """The bodies of the answers to one message each, whatever they are."""
    adapter = build(CliConfig(executable=run.executable, args=list(run.args)), {})

    async def whole() -> list[bytes]:
        transport = TranslatedTransport(ProcessTransport(run))
        sinks = [RecordingSink() for _ in texts]
        for text, sink in zip(texts, sinks, strict=True):
            body = json.dumps({"model": "m", "messages": [{"role": "user", "content": text}]}).encode()
            transport.open(adapter.encode(Endpoint.CHAT, body), sink, Timeouts(10, 10))
        for sink in sinks:
            await sink.wait()
        await transport.aclose()
        return [sink.body for sink in sinks]

    return asyncio.run(whole())
