"""How a watch prints: a table that goes on, or one object after another."""

from itertools import groupby

import click

from reconciler.cli.output import Column, Table, data
from reconciler.cli.resource_output import Row, as_object, resource_columns
from reconciler.json_types import JsonObject
from reconciler.store.records import EventType


class WatchPrinter:
    """`typed`: each row and object says what happened. `prefix`: names with their kind."""

    def __init__(
        self, output: str, *, namespaces: bool, prefix: bool, typed: bool, managed_fields: bool = False
    ) -> None:
        self._output = output
        self._namespaces = namespaces
        self._prefix = prefix
        self._typed = typed
        self._managed_fields = managed_fields or output.startswith("jsonpath=")
        self._tables: dict[str, Table[tuple[EventType, Row]]] = {}
        self._kind: str | None = None
        self._begun = False

    def show(self, rows: list[tuple[EventType, Row]]) -> None:
        """In their order; titles stand above the first of a kind, and above a table that goes on after another."""
        for kind, group in groupby(rows, key=lambda each: each[1].stored.key.kind):
            self._show_kind(kind, list(group))

    def _show_kind(self, kind: str, rows: list[tuple[EventType, Row]]) -> None:
        if self._output in ("table", "wide"):
            for line in self._table(kind).lines(rows, titles=kind != self._kind):
                click.echo(line)
            self._kind = kind
            return
        for what, row in rows:
            self._show_object(what, row)

    def _show_object(self, what: EventType, row: Row) -> None:
        if self._output == "name":
            key = row.stored.key
            click.echo(f"{key.kind.lower()}/{key.name}" + (f" {what}" if self._typed else ""))
            return
        shown = as_object(row.stored, row.conditions, managed_fields=self._managed_fields)
        whole: JsonObject = {"type": what, "object": shown} if self._typed else shown
        text = data(whole, self._output)
        if self._output == "yaml" and self._begun:
            text = f"---\n{text}"
        self._begun = True
        click.echo(text, nl=bool(text) and not text.endswith("\n"))

    def _table(self, kind: str) -> Table[tuple[EventType, Row]]:
        if kind not in self._tables:
            columns = [
                _of_row(column)
                for column in resource_columns(kind, namespaces=self._namespaces, prefix=self._prefix)
            ]
            if self._typed:
                columns.insert(0, Column("EVENT", lambda each: each[0]))
            self._tables[kind] = Table(columns, wide=self._output == "wide")
        return self._tables[kind]


def _of_row(column: Column[Row]) -> Column[tuple[EventType, Row]]:
    return Column(column.title, lambda each: column.cell(each[1]), wide=column.wide)
