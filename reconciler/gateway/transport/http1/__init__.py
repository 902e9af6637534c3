"""HTTP/1.1 to upstreams, on asyncio's protocols and httptools' parser.

    transport -> exchange -> connection -> response      what a request passes
    transport -> origin_pool -> idle                     connections that are kept
    origin_pool -> connector -> addresses, proxy, tls    connections that are made

On a kept connection a request is a write and a few callbacks: no task, no timer, no lookup. Only connecting is a
coroutine. Nothing here raises into the loop, and no word of an upstream's or a library's gets into a reason.
"""
