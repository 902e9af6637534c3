"""routerctl for programs: manifests, plans and revisions without a command line.

    stores     `open_store`: a store on this machine
    servers    `connect`: one behind a server
    router     Router: what can be done with it
    manifests  `load`: what files want
    values     what is told of it: plain, frozen, without secrets

What a command does is done here by the same functions. Every error is a RouterctlError, nothing is printed, nothing is
global. docs/reference/python.md is its reference; what is not in there may change.
"""
