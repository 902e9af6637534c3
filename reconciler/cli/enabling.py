"""`provider enable` and `provider disable`."""

from collections.abc import Sequence

from reconciler.cli.ground import there
from reconciler.cli.naming import key_of, require
from reconciler.cli.save_options import Saving
from reconciler.cli.saving import Deed, change
from reconciler.cli.session import Session
from reconciler.cli.write_options import Asked
from reconciler.control.imperative.providing import put


def enable(session: Session, names: Sequence[str], asked: Asked, saving: Saving, *, enabled: bool) -> None:
    """All of them as one revision. Raises NotFound, with the name that was probably meant."""
    keys = [key_of("Provider", session.namespace, name) for name in dict.fromkeys(names)]
    known = there(session, saving, "Provider")
    for key in keys:
        require(key, known)
    word = "enabled" if enabled else "disabled"
    deed = Deed(f"provider {word[:-1]}", word, f"{word} already")
    change(session, deed, dict.fromkeys(keys, put({("enabled",): enabled})), asked, saving)
