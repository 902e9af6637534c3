"""What label and annotate have in common."""

from collections.abc import Sequence

import click

from reconciler.cli.reading import records_of
from reconciler.cli.save_options import Saving
from reconciler.cli.saving import Deed, change
from reconciler.cli.selecting import Which, select_some
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.control.imperative.labelling import Texts


def put_texts(
    session: Session,
    verb: str,
    words: Sequence[str],
    asked: Asked,
    where: tuple[Which, Saving],
    *,
    overwrite: bool,
) -> None:
    """`words` are what is meant, then KEY=VALUE and KEY-; `verb` is label or annotate."""
    which, saving = where
    field = "annotations" if verb == "annotate" else "labels"
    what, texts = _parted(words, field, overwrite=overwrite)
    with records_of(session) as reader:
        selected = select_some(reader, what, session.namespace, which)
    selected.require_all()
    if not selected.found:
        click.echo("No resources found.", err=True)
        return
    rewrites = {stored.key: texts.rewrite(str(stored.key)) for stored in selected.found}
    change(session, _deed(verb, texts), rewrites, asked, saving)


def _parted(words: Sequence[str], field: str, *, overwrite: bool) -> tuple[Sequence[str], Texts]:
    first = next((place for place, word in enumerate(words) if _is_text(word)), len(words))
    what, rest = words[:first], words[first:]
    if not what or not rest:
        raise click.UsageError("write what is meant, then KEY=VALUE to set or KEY- to remove")
    wrong = [word for word in rest if not _is_text(word)]
    if wrong:
        raise click.UsageError(f'"{wrong[0]}" is neither KEY=VALUE nor KEY-')
    pairs = [word.partition("=") for word in rest if "=" in word]
    put = {key: value for key, _, value in pairs}
    drop = {word.removesuffix("-") for word in rest if "=" not in word}
    if len(put) < len(pairs) or put.keys() & drop:
        raise click.UsageError("a key is given twice")
    return what, Texts(field, put, drop, overwrite)


def _is_text(word: str) -> bool:
    """No name of a resource holds a =, or ends with a -."""
    return "=" in word or (word.endswith("-") and word != "-")


def _deed(verb: str, texts: Texts) -> Deed:
    if verb == "annotate":
        return Deed(verb, "annotated", "not annotated")
    return Deed(verb, "labeled" if texts.put else "unlabeled", "not labeled")
