"""Records of requests over the management API: what clients asked, what became of it, and what it comes to.

archive     the port that bootstrap fills: reading, and deleting in somebody's name
filters     what may stand behind the `?` → what is sought, within what the principal may see
asking      what one request means: which records, and that they are there
listing     a part at a time, or all of it as a stream of JSON lines or CSV
views       requests, responses and sessions
totals      what they come to; `summing` is what of it is pure
deleting    one of them, or those that fit
operations  what each route does, for the OpenAPI document
routes      the routes
"""
