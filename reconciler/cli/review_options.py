"""Options of the commands that show what would change, and the showing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import TypeVar, cast

import click

from reconciler.cli.markdown_output import DEFAULT_SIZE, LEAST_SIZE, review_markdown
from reconciler.cli.output import MARKDOWN, TEXT, Palette, print_data
from reconciler.cli.review_output import impact_rows, review_json, review_text
from reconciler.control.manifest.suggestions import suggestion
from reconciler.control.plan.effects import EFFECTS, Impact
from reconciler.control.review import Review
from reconciler.errors import Refused

F = TypeVar("F", bound=Callable[..., object])

_COLOUR = {"always": True, "never": False}


@dataclass(frozen=True, slots=True)
class Showing:
    """`colour` is auto, always or never; `fail_on` holds words of EFFECTS; `max_size` counts characters."""

    colour: str = "auto"
    max_size: int = DEFAULT_SIZE
    fail_on: tuple[str, ...] = ()

    def palette(self, environ: Mapping[str, str]) -> Palette:
        return Palette(environ, self.colour)

    def show(self, review: Review, output: str, environ: Mapping[str, str]) -> None:
        if output == TEXT:
            click.echo(review_text(review, self.palette(environ)))
        elif output == MARKDOWN:
            click.echo(review_markdown(review, self.max_size), nl=False)
        else:
            print_data(review_json(review), output)

    def check(self, impact: Impact) -> None:
        """Raises Refused where the impact holds what --fail-on names."""
        found = tuple(effect for effect in impact.effects if effect.word in self.fail_on)
        if found:
            rows = impact_rows(Impact(found))
            lines = [f"  {', '.join(row.words)}: {row.what}" for row in rows]
            raise Refused("\n".join(["the impact holds what --fail-on names:", *lines]))


class Effects(click.ParamType[tuple[str, ...], str]):
    """Words of EFFECTS, between commas."""

    name = "effects"

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        if isinstance(value, tuple):
            return value
        words = tuple(word.strip() for word in value.split(",") if word.strip())
        for word in words:
            if word not in EFFECTS:
                meant = suggestion(word, EFFECTS)
                advice = f'did you mean "{meant}"?' if meant else f"one of {', '.join(EFFECTS)}"
                self.fail(f'no effect is called "{word}"; {advice}', param, ctx)
        return words


def review_options(command: F) -> F:
    """`--color`, `--max-size` and `--fail-on`, as one argument `showing`."""

    @wraps(command)
    def with_showing(
        *arguments: object, color: str, max_size: int, fail_on: tuple[tuple[str, ...], ...], **named: object
    ) -> object:
        click.get_current_context().color = _COLOUR.get(color)
        showing = Showing(color, max_size, tuple(word for words in fail_on for word in words))
        return command(*arguments, showing=showing, **named)

    wrapped: Callable[..., object] = with_showing
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return cast("F", wrapped)


_OPTIONS = (
    click.option(
        "--fail-on",
        metavar="EFFECT,...",
        type=Effects(),
        multiple=True,
        help="End with exit code 4 where the impact on traffic holds one of: "
        + "; ".join(f"{word} ({meaning})" for word, meaning in EFFECTS.items())
        + ".",
    ),
    click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Colours in text; auto: on a terminal, unless NO_COLOR is set.",
    ),
    click.option(
        "--max-size",
        metavar="CHARACTERS",
        type=click.IntRange(min=LEAST_SIZE),
        default=DEFAULT_SIZE,
        show_default=True,
        help="The most that -o markdown writes; a comment on GitHub takes 65536.",
    ),
)
