"""The shape of the code: what import contracts and linters do not see."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.syntax import ROOT, dotted, functions, outline

PACKAGE = ROOT / "reconciler"
UNIT = ROOT / "tests" / "unit"

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_LAW_LINES = 20
MAX_FAN_OUT = 12

# Composition roots name the concrete classes, and the table of commands names every command.
FREE_FAN_OUT = ("reconciler/bootstrap/", "reconciler/cli/main.py")

# Late imports: the table of commands loads the one verb that was asked for; an extra is loaded where its variables ask for it,
# and what other packages give when somebody asks for it.
LATE_IMPORTS = {
    "reconciler/cli/main.py": None,
    "reconciler/bootstrap/books.py": "import_module",
    "reconciler/extensions.py": "import_module",
    "reconciler/late.py": "import_module",
}

# Modules that are loaded when they are used (see `late`): comparing two specs, checking, overlays, writing, impact, plans that
# were kept, JSONPath; and the HTTP client, for who is not given a server.
LATE_MODULES = {
    "deepdiff.diff",
    "httpx2",
    "reconciler.bootstrap.accounts",
    "reconciler.bootstrap.adopting",
    "reconciler.bootstrap.backups",
    "reconciler.bootstrap.doctor.examine",
    "reconciler.bootstrap.planning",
    "reconciler.bootstrap.provider_resets",
    "reconciler.bootstrap.provider_test",
    "reconciler.bootstrap.reload_requests",
    "reconciler.bootstrap.token_grants",
    "reconciler.bootstrap.upkeep.rotating",
    "reconciler.bootstrap.upkeep.searching",
    "reconciler.bootstrap.upstreams.building",
    "reconciler.bootstrap.writes",
    "reconciler.cli.exporting",
    "reconciler.cli.jsonpath",
    "reconciler.cli.jsonpath_syntax",
    "reconciler.cli.saved_output",
    "reconciler.control.imperative.creation",
    "reconciler.control.imperative.saver",
    "reconciler.control.imperative.write",
    "reconciler.control.kustomize.build",
    "reconciler.control.manifest.checking",
    "reconciler.control.manifest.explanations",
    "reconciler.control.manifest.schema",
    "reconciler.control.plan.impact",
    "reconciler.control.planned.apply",
    "reconciler.control.planned.files",
    "reconciler.control.planned.managers",
    "reconciler.control.provider_report",
    "reconciler.control.provider_templates",
    "reconciler.control.rollback",
    "reconciler.provider_types.catalog",
    "reconciler.remote.connection",
    "reconciler.remote.server",
    "reconciler.remote.store",
    "reconciler.remote.upkeep",
    "reconciler.remote.writes",
    "reconciler.resources.specs",
    "reconciler.store.engine",
    "reconciler.store.failures",
    "reconciler.store.reader",
    "reconciler.store.traffic_query",
    "reconciler.store.writer",
}

# Modules without a test file of their own, and why.
UNTESTED = {
    "reconciler/api/accounts.py": "declares what travels; test_questions.py and what is behind it ask each",
    "reconciler/api/store.py": "the same",
    "reconciler/api/traffic.py": "the same",
    "reconciler/__main__.py": "one call; every end-to-end test makes it",
}


def python_files() -> list[Path]:
    folders = [ROOT / name for name in ("reconciler", "tests", "benchmarks", "examples", "scripts")]
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_FILE_LINES} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    long = {
        f"{name(path)}:{line} {function}": length
        for path in python_files()
        for function, line, length in (
            outline(path).functions if path.is_relative_to(PACKAGE) else functions(path)
        )
        if length > MAX_FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("folder", sorted({path.parent for path in modules()}), ids=name)
def test_every_package_states_its_law_and_holds_nothing_else(folder: Path) -> None:
    init = folder / "__init__.py"
    assert init.is_file(), f"{name(folder)} has no __init__.py"
    tree = parse(init)
    law = ast.get_docstring(tree)
    assert law, f"{name(init)} has no docstring"
    assert len(law.splitlines()) <= MAX_LAW_LINES
    rest = tree.body[1:]
    if folder == PACKAGE:
        rest = [node for node in rest if not _assigns(node, "__version__")]
    assert rest == [], f"{name(init)} holds more than its docstring"


def _assigns(node: ast.stmt, target: str) -> bool:
    return isinstance(node, ast.Assign) and [ast.unparse(one) for one in node.targets] == [target]


def own_imports(path: Path) -> set[str]:
    """The modules of ours that a file imports."""
    return {one for one in all_imports(path) if one.partition(".")[0] == "reconciler"}


def all_imports(path: Path) -> set[str]:
    """`from package import module` counts as that module."""
    found = set()
    for node in outline(path).nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {_module(node.module, alias.name) for alias in node.names}
    return found


def _module(parent: str, child: str) -> str:
    path = ROOT / Path(*parent.split("."), child)
    ours = path.is_dir() or path.with_suffix(".py").is_file()
    return f"{parent}.{child}" if ours or f"{parent}.{child}" in LATE_MODULES else parent


def test_no_module_imports_more_than_12_others() -> None:
    wide = {
        name(path): fan_out
        for path in modules()
        if not name(path).startswith(FREE_FAN_OUT)
        if (fan_out := len(own_imports(path))) > MAX_FAN_OUT
    }
    assert wide == {}


def late_imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, imported name) of imports inside functions, and of calls that import."""
    for one in outline(path).late:
        if isinstance(one, ast.Import):
            yield from ((one.lineno, alias.name) for alias in one.names)
        else:
            yield one.lineno, one.module or "."
    for node in outline(path).nodes:
        if isinstance(node, ast.Call) and dotted(node.func).endswith(("import_module", "__import__")):
            yield node.lineno, "import_module"


def _late_import_is_allowed(path: str, imported: str) -> bool:
    return any(
        path.startswith(place) and only in {None, imported.partition(".")[0]}
        for place, only in LATE_IMPORTS.items()
    )


def test_imports_stand_at_the_top() -> None:
    late = [
        f"{name(path)}:{line} {imported}"
        for path in modules()
        for line, imported in late_imports(path)
        if not _late_import_is_allowed(name(path), imported)
    ]
    assert late == []


def late_modules(path: Path) -> set[str]:
    """What a file takes from `late`."""
    calls = (node for node in outline(path).nodes if isinstance(node, ast.Call))
    return {str(ast.literal_eval(call.args[0])) for call in calls if dotted(call.func) == "late"}


def test_what_is_late_is_in_the_list_and_imported_where_the_contracts_see_it() -> None:
    late = {path: late_modules(path) for path in modules()}
    assert set().union(*late.values()) == LATE_MODULES
    unseen = {name(path): found - all_imports(path) for path, found in late.items()}
    assert {path: found for path, found in unseen.items() if found} == {}


def test_every_module_has_its_test_file() -> None:
    missing = [
        name(path)
        for path in modules()
        if path.name != "__init__.py" and name(path) not in UNTESTED
        if not _test_file(path).is_file()
    ]
    assert missing == []


def _test_file(module: Path) -> Path:
    return UNIT / module.relative_to(PACKAGE).parent / f"test_{module.name}"


def test_every_unit_test_file_has_its_module() -> None:
    """`test_writer.py` and, where one file would be too long, `test_writer_<what>.py` test `writer.py`."""
    lost = [name(path) for path in UNIT.rglob("test_*.py") if not _has_module(path)]
    assert lost == []


def _has_module(test: Path) -> bool:
    folder = PACKAGE / test.parent.relative_to(UNIT)
    words = test.stem.removeprefix("test_").split("_")
    return any((folder / f"{'_'.join(words[:count])}.py").is_file() for count in range(1, len(words) + 1))


def test_the_list_of_untested_modules_is_true() -> None:
    for path in UNTESTED:
        assert (ROOT / path).is_file()
        assert not _test_file(ROOT / path).is_file()
