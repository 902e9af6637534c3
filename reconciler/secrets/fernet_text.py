"""Values that another program encrypted with a Fernet key of its own. Nothing of ours is sealed so."""

from typing import final

from cryptography.fernet import Fernet, InvalidToken

from reconciler.errors import SecretError


@final
class FernetKey:
    """Opens, and never shows itself. `name` says where the key comes from, for messages."""

    __slots__ = ("_fernet", "_name")

    def __init__(self, text: str, name: str) -> None:
        """Raises SecretError, which repeats nothing of the text."""
        try:
            self._fernet = Fernet(text.strip().encode())
        except ValueError:
            raise SecretError(
                f"what {name} holds is no Fernet key", hint="it is 44 characters, as Oxide wrote them"
            ) from None
        self._name = name

    def open(self, token: str) -> str:
        """Raises SecretError."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except (InvalidToken, ValueError, TypeError):
            raise SecretError(
                f"the key of {self._name} does not open what is encrypted here",
                hint="give the key that the database was written with: --oxide-key-file FILE, or OXIDE_ENCRYPTION_KEY",
            ) from None

    def __repr__(self) -> str:
        return f"<FernetKey of {self._name}>"
