"""The pages of docs/reference/ are what `make docs` writes, and their examples are what the program takes."""

import re
from io import BytesIO
from pathlib import Path

import pytest

from reconciler import errors
from reconciler.control.intake import every_problem, take_in
from scripts.reference import exit_codes, kinds
from scripts.reference.__main__ import main
from scripts.reference.pages import PAGES

FOLDER = Path(__file__).parents[2] / "docs" / "reference"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == PAGES[name](), "run make docs"


@pytest.mark.parametrize("name", [name for name in PAGES if name.endswith(".md")])
def test_the_links_inside_a_page_lead_somewhere(name: str) -> None:
    text = PAGES[name]()
    headings = {
        re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert {link for link in re.findall(r"\]\(#([^)]+)\)", text) if link not in headings} == set()
    files = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in files if not (FOLDER / link).exists()] == []


def test_the_examples_are_valid_together() -> None:
    text = "---\n".join(kinds.example(name) for name in kinds.EXAMPLES)
    problems = every_problem(take_in(["-"], stdin=BytesIO(text.encode())), closed=True)
    assert [str(problem) for problem in problems] == []


def test_no_error_is_left_out_of_the_exit_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    told = errors.__doc__ or ""
    for wrong in (
        told.replace("── NotFound ", "── Lost "),
        told.replace("TimedOut         7", "TimedOut         8"),
    ):
        monkeypatch.setattr(errors, "__doc__", wrong)
        with pytest.raises(ValueError, match=r"NotFound|TimedOut"):
            exit_codes.page()


def test_all_pages_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(tmp_path / "new")])
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(PAGES)
    assert f"{len(PAGES)} pages written" in capsys.readouterr().out
