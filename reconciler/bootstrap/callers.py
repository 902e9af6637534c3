"""Who works on a store's file: the user of this process, as the system knows it, whatever the environment says."""

import os
import pwd

from reconciler.resources.principal import Principal, local_principal


def this_user() -> Principal:
    uid = os.getuid()
    try:
        return local_principal(pwd.getpwuid(uid).pw_name)
    except KeyError:
        return local_principal(str(uid))
