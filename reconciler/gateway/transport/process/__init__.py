"""Programs as upstreams: what a program writes is the answer.

A worker never forks: it has threads, a loop and much memory. A small process beside it, the warden, starts the programs
of one provider, and it ends them. Each run hangs on a leash, a socket between the worker and its warden: where the worker lets
go of it, because the client left, a time is over, or the worker was killed, the run ends with all that it started.
"""
