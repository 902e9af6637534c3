"""What every endpoint of the management API is made of.

    stores       what it asks of a store: a port, which bootstrap fills
    calls        one request, read: who asks, parameters, body; and the endpoint that asks a handler
    bodies       bounded JSON and YAML
    parameters   what may stand behind the `?`, declared and read
    pages        lists: filters, labels, a part at a time
    writing      changes as a principal: one revision, preconditions, other managers' fields
    answers      JSON with ETag and revision
    idempotency  the same request again has the same answer
    masks        secrets as people see them, and what they send back
    schemas      the shapes of bodies and answers, for the OpenAPI document

A module of routes has a function `routes(ports, check)` that lists them; `management.groups` names the modules.
"""
