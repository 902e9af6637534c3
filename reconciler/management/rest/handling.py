"""What handlers are written with, in one place."""

from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call, Desk
from reconciler.management.rest.changing import View, change, deleted
from reconciler.management.rest.deleting import delete
from reconciler.management.rest.looking import Looking, looking, not_there
from reconciler.management.rest.stores import Stores
from reconciler.management.rest.written import Written

__all__ = [
    "Answer",
    "Call",
    "Desk",
    "Looking",
    "Stores",
    "View",
    "Written",
    "change",
    "delete",
    "deleted",
    "looking",
    "not_there",
]
