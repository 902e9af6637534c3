"""What fields that several provider types have say of themselves: one name has one meaning."""

TIMEOUT = "Bounds the wait for an answer's first byte and, apart from streams, for its end."
CONNECT_TIMEOUT = "Bounds the wait for a connection."
FIRST_BYTE_TIMEOUT = (
    "Bounds the wait for a stream's first event, in place of `timeout`; a comment (keep-alive) is none. Other "
    "answers come when they are finished: `timeout` is theirs."
)
IDLE_TIMEOUT = "Bounds the wait between two pieces of a stream (default: as long as `timeout`)."
TOOL_CALLING = (
    "How tools are called (default: `native`; of types qwen-proxy and qwen-direct `xml`, of cli `off`). `native`: requests pass as "
    "they are; the types qwen-direct and cli know no such way. `xml`, for models that know of no tools: they are told of them in "
    "words, and their calls are read from what they write. `off`: requests with tools go to another candidate, or are refused."
)
TLS = (
    "How an upstream with https shows who it is, and how the gateway does. Without it: by a "
    "certificate for the host that the system trusts."
)
