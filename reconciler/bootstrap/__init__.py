"""Composition roots: one module a process.

`command` builds what a command of the CLI needs, `worker` what a gateway process needs, `supervisor` what `up` and
`serve` need. Here, and only here, concrete classes are chosen and put together; everybody else asks for a protocol.
Nothing is decided here that could be decided below. `worker` never reaches the store's writer, nor what it imports.
"""
