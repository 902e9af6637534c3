"""Runs a command that ends with the process that started it, however that ends (Linux; elsewhere by its signals only).

python tied.py PARENT_PID COMMAND ...
"""

import os
import sys

from model_server import end_with_parent

if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # the kernel keeps the tie
