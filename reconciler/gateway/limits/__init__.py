"""What a worker may ask of providers that have limits, and for clients that have: it spends from leases that it drew before.

`holding` is one lease, `limiter` those of one provider or client with the requests that wait for them, `limiters` all of a worker;
they are pure, each event brings its `now`. `keeper` draws from the store's ledger, tells it what was spent, and gives back
what is idle, beside the requests and never in the way of one.

A worker never spends what it does not hold. Where the ledger can't be reached it holds nothing after a while.
"""
