"""routerctl, the command.

Each verb is one file in `commands`: parse, call, render, exit code. Here lies what they share. Importing `cli.main`
imports no verb: its table loads the one that was asked for, so that `get` does not pay for `apply`.
"""
