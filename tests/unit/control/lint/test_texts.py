from io import BytesIO
from pathlib import Path

from reconciler.control.lint.texts import piped, texts_of
from reconciler.control.manifest.document import Document


def test_a_file_is_read_again_with_what_stands_above_its_documents(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("\ufeff# top\n---\nkind: Model\n", encoding="utf-8")
    document = Document({}, str(file), "---\nkind: Model\n", 2)
    assert texts_of([str(file)], [document]) == {str(file): "# top\n---\nkind: Model\n"}


def test_of_what_can_not_be_read_again_the_documents_are_known(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.yaml")
    documents = [Document({}, gone, "---\nb: 1\n", 5), Document({}, gone, "a: 1\n", 2)]
    assert texts_of([], documents) == {gone: "\na: 1\n\n\n---\nb: 1\n"}
    assert texts_of([str(tmp_path), "\0"], []) == {str(tmp_path): "", "\0": ""}


def test_a_file_that_is_no_text_is_no_bug(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"# \xff\n")
    assert texts_of([str(file)], [])[str(file)].startswith("# ")


def test_stdin_is_given() -> None:
    documents = [Document({}, "stdin", "a: 1\n", 2)]
    assert texts_of(["stdin"], documents, stdin=b"# top\na: 1\n") == {"stdin": "# top\na: 1\n"}
    assert piped(["a.yaml", "-"], BytesIO(b"a: 1")) == b"a: 1"
    assert piped(["a.yaml"], BytesIO(b"a: 1")) is None
