"""Where a worker's process begins: what is compiled is taken before anything of it is imported."""

import sys

from reconciler import compiled
from reconciler.settings import environment, takes_compiled

if takes_compiled(environment()):
    compiled.take()

from reconciler.bootstrap.worker import main

if __name__ == "__main__":
    sys.exit(main())
