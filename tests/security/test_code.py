"""What the code may not hold, read off its syntax trees: no text becomes code, no process starts but where it is meant."""

import ast
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from fakes.syntax import dotted, modules

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "reconciler"

MAKES_CODE_OF_TEXT = {
    "eval", "exec", "compile", "__import__", "execfile", "input", "os.system", "os.popen", "pty.spawn", "runpy.run_path",
    "tempfile.mktemp", "yaml.load", "yaml.unsafe_load", "code.interact", "pydoc.locate", "ssl._create_unverified_context",
}  # fmt: skip
MODULES_THAT_DO = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "shelve", "marshal", "jinja2", "mako", "chevron", "xmlrpc",
    "telnetlib", "ftplib", "ctypes", "cffi", "imp", "codeop", "code", "pdb", "xml", "webbrowser", "jsonpickle", "yaml",
}  # fmt: skip
"""Also those that read XML with entities, and that load native code by its name."""

STARTS_PROCESSES = {
    "reconciler/bootstrap/workers.py": "the gateway's own workers",
    "reconciler/cli/editor.py": "the editor that the user's environment names",
    "reconciler/control/git/program.py": "git, with its protocols and configuration fixed",
    "reconciler/control/working_tree.py": "git, to ask what it tracks",
    "reconciler/gateway/transport/process/leash.py": "the warden, our own Python and our own file",
    "reconciler/gateway/transport/process/warden.py": "a program that the process's own --allow-exec names",
    "reconciler/secrets/key_command.py": "the program that the process's own environment names for its key",
}
CALLS_THE_SYSTEM = {"reconciler/gateway/transport/process/warden.py": "ctypes"}
"""prctl alone, with numbers: Python has no function for it."""
TAKES_A_NAME_OF_A_MODULE = {
    "reconciler/cli/main.py": "from the table of commands",
    "reconciler/late.py": "from the list in test_shape",
    "reconciler/bootstrap/books.py": "an extra of ours",
    "reconciler/extensions.py": "from the entry points of packages that an operator installed",
}

FORMATS_OF_ITS_TABLE = {
    "reconciler/control/manifest/fields.py",
    "reconciler/protocol/rate_limits.py",
    "reconciler/store/failures.py",
}
"""Files that format what stands in a table of constants of their own."""


def imports(found: Iterable[ast.AST]) -> set[str]:
    names: set[str] = set()
    for node in found:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def calls(found: Iterable[ast.AST]) -> Iterator[tuple[ast.Call, str]]:
    return ((node, dotted(node.func)) for node in found if isinstance(node, ast.Call))


def test_case_37_no_text_becomes_code() -> None:
    called = [
        f"{path}:{node.lineno} {name}"
        for path, found in modules()
        for node, name in calls(found)
        if name in MAKES_CODE_OF_TEXT
        or name.endswith((".eval", ".exec_module", ".render_template", ".from_string"))
    ]
    assert called == []
    loaded = [
        f"{path} {name}"
        for path, found in modules()
        for name in imports(found)
        if name.partition(".")[0] in MODULES_THAT_DO and CALLS_THE_SYSTEM.get(path) != name
    ]
    assert loaded == []


def test_case_37_processes_start_where_they_are_meant_and_never_through_a_shell() -> None:
    starting = {
        path for path, found in modules() if any("subprocess" in name.split(".") for name in imports(found))
    }
    assert starting == set(STARTS_PROCESSES)
    for path, found in modules():
        for node, name in calls(found):
            assert name not in {
                "os.fork",
                "os.posix_spawn",
                "os.spawnv",
                "os.execv",
                "os.execve",
                "os.execvp",
            }, path
            assert not name.endswith(("getoutput", "getstatusoutput", "create_subprocess_shell")), path
            assert not any(word.arg == "shell" for word in node.keywords), path
            if name in {"import_module", "importlib.import_module"}:
                assert path in TAKES_A_NAME_OF_A_MODULE


def test_case_37_no_format_of_a_manifest_or_client_reaches_into_objects() -> None:
    """`"{0.__class__}".format(...)` of a text that others wrote reads what it likes: only constants are formatted."""
    loose = {
        path
        for path, found in modules()
        for node, _ in calls(found)
        if isinstance(node.func, ast.Attribute)
        and node.func.attr in {"format", "format_map"}
        and not isinstance(node.func.value, ast.Constant)
        and ast.unparse(node.func) != "super().format"  # of logging
        and not dotted(node.func.value).split(".")[-1].lstrip("_").isupper()
    }
    assert loose <= FORMATS_OF_ITS_TABLE


def test_case_20_sql_is_made_of_constants() -> None:
    """The linter wants a reason at each query that is put together (S608); each reason says that its parts are constants."""
    reasons = [
        line.split("S608", 1)[1].strip()
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if "S608" in line
    ]
    assert [
        reason
        for reason in reasons
        if not any(word in reason for word in ("constant", "column", "number", "table"))
    ] == []
    configured = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert configured["select"] == ["ALL"]
    assert not {"S", "S6", "S60", "S608", "S1", "S2", "S3", "S5"} & set(configured["ignore"])


def test_case_8_nothing_goes_by_the_url_that_a_framework_put_together() -> None:
    """`request.url` holds the client's Host (CVE-2026-48710); and no path is taken apart twice."""
    assert [
        f"{path}:{node.lineno}"
        for path, found in modules()
        if path.startswith(
            ("reconciler/listener/", "reconciler/management/", "reconciler/gateway/endpoints/")
        )
        for node in found
        if isinstance(node, ast.Attribute) and dotted(node) in {"request.url", "request.base_url", "conn.url"}
    ] == []


def test_case_9_secrets_are_compared_in_constant_time() -> None:
    """Hashes and fingerprints of credentials are no operands of == in the modules that decide over access."""
    names = {"secret", "token", "digest", "hash", "key_hash", "given", "signature"}
    loose = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, found in modules()
        if path
        in {
            "reconciler/management/hooks.py",
            "reconciler/snapshot/clients.py",
            "reconciler/listener/access.py",
        }
        for node in found
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        if {dotted(each).split(".")[-1] for each in (node.left, *node.comparators)} & names
        if not all(
            dotted(each).endswith(".digest") for each in (node.left, *node.comparators)
        )  # both are the store's
    ]
    assert loose == []
