"""examples/gitops: its files are what their readers expect, and what they run does what it is there for."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from fakes.context import root_context
from fakes.program import with_routerctl
from ruamel.yaml import YAML

from reconciler import __version__
from reconciler.cli.main import cli
from reconciler.control.intake import every_problem, take_in
from reconciler.json_types import JsonValue

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "gitops"
WORKFLOW = EXAMPLE / ".github" / "workflows" / "routing.yaml"
PIPELINE = EXAMPLE / ".gitlab-ci.yml"
HOOKS = EXAMPLE / ".pre-commit-config.yaml"
RUNNERS = (WORKFLOW, PIPELINE, HOOKS, EXAMPLE / "ci" / "review.sh", EXAMPLE / "hooks" / "pre-commit")
IMPACT = "lost-model,vanished-name"


def loaded(file: Path) -> JsonValue:
    found: JsonValue = YAML(typ="safe").load(file.read_text(encoding="utf-8"))
    return found


def texts(value: JsonValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (key, *texts(each))
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def invocations() -> Iterator[str]:
    """Every `VERB ...` of routerctl, without the store and what a shell does around it."""
    for file in RUNNERS:
        parts = (
            texts(loaded(file)) if file.suffix in {".yaml", ".yml"} else [file.read_text(encoding="utf-8")]
        )
        for line in (
            line.partition(" # ")[0] for part in parts for line in part.replace("\\\n", "").splitlines()
        ):
            found = re.search(r"(?:^| )routerctl (?:--db \S+ )?(\w+ -.*)", line)
            if found is not None:
                plain = re.sub(r"\$\{FAIL_ON:\+(.*?)\}", r"\1", found[1]).replace('"$FAIL_ON"', IMPACT)
                yield re.split(r" +(?:>|&&|\|\|)|; ", plain)[0]


def run(*command: str, at: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=at, env=environ, capture_output=True, text=True, check=False, timeout=120
    )


def git(*arguments: str, at: Path, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return run("git", *arguments, at=at, environ=environ)


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    return with_routerctl(tmp_path / "machine")


@pytest.fixture
def clone(tmp_path: Path, environ: Mapping[str, str]) -> Path:
    """The example as somebody's repository, with one commit on main."""
    folder = tmp_path / "routing"
    shutil.copytree(EXAMPLE, folder)
    for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "First routes"]):
        done = git(*words, at=folder, environ=environ)
        assert done.returncode == 0, done.stderr
    return folder


def change(folder: Path, file: str, old: str, new: str) -> None:
    path = folder / "manifests" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_every_command_in_it_parses() -> None:
    verbs = set()
    for line in set(invocations()):
        verb, *words = shlex.split(line)
        root = root_context()
        command = cli.get_command(root, verb)
        assert command is not None, line
        command.make_context(verb, words, parent=root)
        verbs.add(verb)
    assert verbs == {"validate", "lint", "diff", "apply"}


def test_its_manifests_are_valid() -> None:
    problems = every_problem(take_in([str(EXAMPLE / "manifests")], stdin=BytesIO()), closed=True)
    assert [str(problem) for problem in problems] == []


def test_the_workflow_may_do_no_more_than_it_must() -> None:
    workflow = loaded(WORKFLOW)
    assert isinstance(workflow, dict)
    assert workflow["permissions"] == {}
    jobs = workflow["jobs"]
    assert isinstance(jobs, dict)
    granted = {name: job["permissions"] for name, job in jobs.items() if isinstance(job, dict)}
    assert granted == {
        "check": {"contents": "read"},
        "review": {"contents": "read"},
        "comment": {"pull-requests": "write"},
        "apply": {"contents": "read"},
    }
    assert "pull_request_target" not in workflow["on"]  # type: ignore[operator]  # a mapping
    uses = re.findall(r"uses: (\S+)", WORKFLOW.read_text(encoding="utf-8"))
    assert [each for each in uses if not re.fullmatch(r"actions/[a-z-]+@v\d+", each)] == []
    steps = [line for line in texts(workflow) if "\n" in line or " " in line]
    assert [line for line in steps if "secrets." in line] == []
    commands = re.findall(r"run: (.*)", WORKFLOW.read_text(encoding="utf-8"))
    assert [line for line in commands if "${{" in line] == [], "what others wrote would become a command"


@pytest.mark.parametrize("file", [WORKFLOW, PIPELINE])
def test_both_install_this_version(file: Path) -> None:
    assert f"routerctl=={__version__} " in file.read_text(encoding="utf-8")


def test_the_pipeline_has_the_jobs_of_the_workflow() -> None:
    workflow, pipeline = loaded(WORKFLOW), loaded(PIPELINE)
    assert isinstance(workflow, dict)
    assert isinstance(pipeline, dict)
    jobs = workflow["jobs"]
    assert isinstance(jobs, dict)
    assert {name for name, job in pipeline.items() if isinstance(job, dict) and "script" in job} == set(jobs)


def test_a_review_tells_the_impact_and_fails_on_what_it_is_told(
    clone: Path, environ: Mapping[str, str]
) -> None:
    change(clone, "providers.yaml", "priority: 20", "priority: 5")
    harmless = run("ci/review.sh", "HEAD", at=clone, environ={**environ, "FAIL_ON": IMPACT})
    review = (clone / "review.md").read_text(encoding="utf-8")
    assert harmless.returncode == 0, harmless.stderr
    assert "| fallback-order | `Model/assistant` |" in review
    change(clone, "assistant.yaml", "assistant", "helper")
    change(clone, "settings.yaml", "assistant", "helper")
    harmful = run("ci/review.sh", "HEAD", at=clone, environ={**environ, "FAIL_ON": IMPACT})
    assert harmful.returncode == 4, harmful.stderr
    assert "| vanished-name | `assistant` |" in (clone / "review.md").read_text(encoding="utf-8")


def test_the_hook_refuses_what_is_staged_and_not_valid(clone: Path, environ: Mapping[str, str]) -> None:
    git("config", "core.hooksPath", "hooks", at=clone, environ=environ)
    change(clone, "providers.yaml", "baseURL", "baseUrl")
    git("add", ".", at=clone, environ=environ)
    change(clone, "providers.yaml", "baseUrl", "baseURL")  # mended, and not staged
    refused = git("commit", "-m", "Bad", at=clone, environ=environ)
    assert refused.returncode != 0
    assert (
        'manifests/providers.yaml:17:5: error: Provider/openai: spec.config.baseUrl: unknown field "baseUrl"'
        in (refused.stderr)
    )
    (clone / "README.md").write_text("Ours.\n", encoding="utf-8")
    git("reset", "-q", at=clone, environ=environ)
    git("add", "README.md", at=clone, environ=environ)
    taken = git("commit", "-q", "-m", "No manifest", at=clone, environ=environ)
    assert taken.returncode == 0, taken.stderr
