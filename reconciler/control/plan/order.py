"""The order in which changes can be done, so that no prefix of a plan leaves a dangling reference.

create and update, downward           delete, upward, after all others
Secret                                Secret
  ↑ Provider                            ↑ Provider
      ↑ Binding ─► Model                    ↑ Binding ─► Model
          Settings ─► Model, Provider           Settings ─► Model, Provider
"""

from collections.abc import Iterable

from reconciler.control.plan.model import Action, Change
from reconciler.resources.kinds import KINDS

_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=_position))


def _position(change: Change) -> tuple[bool, int, str, str]:
    rank = _RANK[change.key.kind]
    deletes = change.action is Action.DELETE
    return deletes, -rank if deletes else rank, change.key.namespace, change.key.name
