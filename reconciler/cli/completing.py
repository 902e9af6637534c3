"""What a shell may put behind the cursor: verbs, options, and names from the store. Whatever goes wrong, it says nothing.

The shell's script (`completion`) calls the program with COMPLETE in its environment, at each TAB. So just the verb that
is typed is loaded, nothing is written or migrated, and who does not answer in time has no names.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from copy import copy
from threading import Thread
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, get_completion_class

from reconciler.cli.server_options import session_of
from reconciler.late import late
from reconciler.resources.kinds import KINDS, find_kind
from reconciler.resources.resource import DEFAULT_NAMESPACE
from reconciler.settings import COMPLETE, environment

if TYPE_CHECKING:
    from reconciler.control import provider_templates
    from reconciler.provider_types import catalog
    from reconciler.store import reader
    from reconciler.store.reader import Reader
else:
    catalog = late("reconciler.provider_types.catalog")
    provider_templates = late("reconciler.control.provider_templates")
    reader = late("reconciler.store.reader")

PATIENCE = 2.0
"""Seconds that somebody who pressed TAB waits for names, at most."""
_MOST = 2000

Words = Callable[[click.Context, str], Iterable[str]]


def complete(root: click.Command, instruction: str) -> int:
    """Answers the shell on stdout. `instruction` is the value of COMPLETE: bash_complete, zsh_complete, fish_complete."""
    with suppress(Exception):
        shell, _, what = instruction.partition("_")
        spoken = get_completion_class(shell)
        if spoken is not None and what == "complete":
            click.echo(spoken(dressed(root, ""), {}, "routerctl", COMPLETE).complete())
    return 0


def beginning(summaries: Mapping[str, str], incomplete: str) -> list[CompletionItem[str]]:
    """The verbs that begin so, each with its line in the help: none is loaded for it."""
    return [
        CompletionItem(name, help=summary)
        for name, summary in summaries.items()
        if name.startswith(incomplete)
    ]


class _Completed(click.ParamType[object, object]):
    """In place of a parameter's own type, for as long as a line is completed: its words."""

    name = "word"

    def __init__(self, words: Words) -> None:
        self._words = words

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:  # noqa: ARG002  click's signature
        return value

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  as above
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        found: list[str] = []
        with suppress(Exception):
            found = [word for word in self._words(ctx, incomplete) if word.startswith(incomplete)]
        return [CompletionItem(word) for word in found[:_MOST]]


class _Files(click.ParamType[object, object]):
    """What the shell completes by itself: `file` or `dir`."""

    name = "path"

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> object:  # noqa: ARG002  as above
        return value

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002  as above
        param: click.Parameter,  # noqa: ARG002  as above
        incomplete: str,
    ) -> list[CompletionItem[str]]:
        return [CompletionItem(incomplete, type=self._kind)]


def dressed(command: click.Command, module: str) -> click.Command:
    """A copy of a verb whose parameters know their words. `module`: the verb's, such as provider_edit."""
    made = copy(command)
    made.params = [_dressed(param, module) for param in command.params]
    return made


def _dressed(param: click.Parameter, module: str) -> click.Parameter:
    kind = _type(param, module)
    if kind is None:
        return param
    made = copy(param)
    made.type = kind
    return made


def _type(param: click.Parameter, module: str) -> click.ParamType[object, object] | None:
    """None: its own will do."""
    named = (module, param.name or "")
    metavar = param.metavar or ""
    if named in _WORDS:
        return _Completed(_WORDS[named])
    formats = getattr(param.type, "words", None)
    if isinstance(formats, tuple):
        return _Completed(lambda _ctx, _word: formats)
    if "KIND" in metavar:
        return _Completed(_resources)
    if param.name == "namespace":
        return _Completed(_namespaces)
    if param.name == "source":
        return _Completed(_sources)
    if metavar in _PATHS:
        return _Files("dir" if metavar == "DIR" else "file")
    return _Completed(_names(_KINDS[param.name or ""])) if param.name in _KINDS else None


def _names(kind: str) -> Words:
    return lambda ctx, _word: _asked(ctx, lambda store, space: _listed(store, kind, space))


def _resources(ctx: click.Context, word: str) -> Iterable[str]:
    """KIND/NAME, or the names of the one kind that stands before, as kubectl takes both."""
    before = ctx.params.get("what") or ctx.args
    first = find_kind(before[0]) if before and isinstance(before[0], str) else None
    if first is not None:
        return _asked(ctx, lambda store, space: _listed(store, first.name, space))
    written, slash, _ = word.partition("/")
    kind = find_kind(written)
    if not slash or kind is None:
        return [
            *(kind.plural for kind in KINDS.values()),
            *(f"{each.name.lower()}/" for each in KINDS.values()),
        ]
    return _asked(
        ctx, lambda store, space: [f"{written}/{name}" for name in _listed(store, kind.name, space)]
    )


def _namespaces(ctx: click.Context, _word: str) -> Iterable[str]:
    return _asked(ctx, lambda store, _space: sorted({key.namespace for key in store.state()}))


def _sources(ctx: click.Context, _word: str) -> Iterable[str]:
    return _asked(ctx, lambda store, _space: sorted(store.sources()))


def _listed(store: "Reader", kind: str, space: str) -> list[str]:
    return [stored.key.name for stored in store.list(kind, space)]


def _asked(ctx: click.Context, ask: "Callable[[Reader, str], list[str]]") -> list[str]:
    """Of the store that the line means, within PATIENCE."""
    told = ctx.find_root().params
    answer: list[str] = []

    def run() -> None:
        with suppress(Exception):
            answer.extend(_ask(told, ask))

    asking = Thread(target=run, daemon=True)
    asking.start()
    asking.join(PATIENCE)
    return answer


def _ask(told: Mapping[str, object], ask: "Callable[[Reader, str], list[str]]") -> list[str]:
    names = ("server", "token_file", "server_ca", "client_cert", "client_key", "acting_as")
    db, space = told.get("db"), told.get("namespace")
    given = {name: told.get(name) for name in names}
    session = session_of(environment(), db if isinstance(db, str) else None, given)  # type: ignore[arg-type]  # the values are what the options of these names gave
    namespace = space if isinstance(space, str) else DEFAULT_NAMESPACE
    if session.is_remote:
        return ask(session.asked.records, namespace)  # type: ignore[arg-type]  # the methods that are asked are those of both
    with reader.Reader(session.location.config_path) as store:
        return ask(store, namespace)


_PATHS = frozenset({"PATH", "DIR", "FILE"})
_KINDS: Mapping[str, str] = {
    "provider": "Provider",
    "providers": "Provider",
    "model": "Model",
    "models": "Model",
    "client": "ClientKey",
}
_PROVIDER_NAMES, _MODEL_NAMES, _CLIENT_NAMES = _names("Provider"), _names("Model"), _names("ClientKey")
_WORDS: Mapping[tuple[str, str], Words] = {
    **{
        (f"provider_{verb}", name): _PROVIDER_NAMES
        for verb in ("edit", "remove", "enable", "disable", "test", "reset")
        for name in ("name", "names")
    },
    ("test", "names"): _PROVIDER_NAMES,
    ("model_remove", "names"): _MODEL_NAMES,
    ("model_sync", "names"): _PROVIDER_NAMES,
    **{
        (f"key_{verb}", name): _CLIENT_NAMES
        for verb in ("list", "rotate", "revoke")
        for name in ("name", "names")
    },
    ("init", "names"): lambda _ctx, _word: [*provider_templates.TEMPLATES],
    ("provider_add", "template"): lambda _ctx, _word: [*provider_templates.TEMPLATES],
    **{
        (module, name): lambda _ctx, _word: [*catalog.PROVIDER_TYPES]
        for module, name in (
            ("provider_add", "provider_type"),
            ("provider_edit", "provider_type"),
            ("provider_list", "types"),
            ("list", "types"),
        )
    },
}
