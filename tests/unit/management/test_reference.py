import re
from pathlib import Path

from fakes.api import api

from reconciler.management import reference

FOLDER = Path(reference.__file__).with_name("reference_page")


def test_the_page_is_open_and_asks_nobody_else(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        for path, media in (
            ("/docs", "text/html"),
            ("/docs/page.js", "text/javascript"),
            ("/docs/page.css", "text/css"),
        ):
            answer = asked.nobody.get(path)
            assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media)
            assert answer.headers["content-security-policy"] == reference.POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert asked.nobody.get("/docs/../app.py").status_code in {400, 404}
        assert asked.nobody.get("/openapi.json").status_code == 401


def test_nothing_in_it_is_inline_foreign_or_stored() -> None:
    page, script = ((FOLDER / name).read_text(encoding="utf-8") for name in ("index.html", "page.js"))
    assert not re.search(r"<script(?![^>]*src=)|<style|\son\w+=|style=", page)
    assert not re.search(r"https?://|//[a-z]+\.[a-z]", page + script.replace("// ", ""))
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "document.write",
        "localStorage",
        "sessionStorage",
        "cookie",
    ):
        assert word not in script
