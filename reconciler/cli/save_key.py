"""The key that a secret is sealed to which --save writes into a manifest."""

from reconciler.bootstrap.writing import cipher_for_sealing
from reconciler.cli.proposing import reader_if_any
from reconciler.cli.save_options import Saving
from reconciler.cli.secret_input import public_key_for
from reconciler.cli.session import Session
from reconciler.secrets.sealing import PublicKey


def public_key_to_save(session: Session, saving: Saving) -> PublicKey:
    if saving.apply and saving.public_key is None and not session.is_remote:
        with reader_if_any(
            session
        ) as reader:  # as any write does: a store that holds nothing sealed gets a key
            cipher = cipher_for_sealing(session.location, session.environ, reader)
        if cipher is not None:
            return cipher.public_key
    return public_key_for(session, saving.public_key)
