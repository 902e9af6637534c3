"""What changes a store as a whole: manifests, plans, the way back, single resources as they are wanted, tokens, reloads.

Each request is decoded, carried out by `Writes` in the name of who asks, and answered with what came of it; what may be is
decided there, not here. `routerctl --server` speaks this, and so can anybody with curl.

    reading    bodies: JSON of the forms in `api`, or plain manifests with words in the query
    manifests  diff, apply, plans
    objects    single resources, rollback, resume, adopt
    people     tokens; reloads and resets of what serves
    told       what is answered
    writers    who carries it out: a port
    operations what each route does, for the OpenAPI document
"""
