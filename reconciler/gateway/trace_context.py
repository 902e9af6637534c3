"""W3C Trace Context: the header `traceparent`, read, and written anew for the next hop.

00-<trace id, 32 hex>-<parent id, 16 hex>-<flags, 2 hex>
"""

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"

_SAMPLED = 1
_FORM = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_MAX_STATE = 512
_PRINTABLE = re.compile(r"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class TraceContext:
    """`span_id` is the gateway's own span; `parent_id` is 0 where no client named one."""

    trace_id: int
    span_id: int
    parent_id: int = 0
    flags: int = _SAMPLED
    state: str = ""

    @property
    def sampled(self) -> bool:
        return bool(self.flags & _SAMPLED)

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """For the upstream: the gateway's span is the parent there."""
        parent = f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.flags & _SAMPLED:02x}"
        state = ((TRACESTATE, self.state),) if self.state else ()
        return ((TRACEPARENT, parent), *state)


def trace_context(traceparent: str, tracestate: str = "") -> TraceContext:
    """That of a request: the client's where its header makes sense, else a new one."""
    match = _FORM.fullmatch(traceparent.strip())
    if match is not None and _makes_sense(match):
        state = tracestate.strip() if len(tracestate) <= _MAX_STATE else ""
        return TraceContext(
            trace_id=int(match[2], 16),
            span_id=_identifier(64),
            parent_id=int(match[3], 16),
            flags=int(match[4], 16),
            state=state if _PRINTABLE.fullmatch(state) else "",
        )
    return TraceContext(_identifier(128), _identifier(64))


def trace_of(headers: Mapping[bytes, bytes]) -> TraceContext:
    """That of a request with these headers."""
    parent, state = headers.get(TRACEPARENT.encode(), b""), headers.get(TRACESTATE.encode(), b"")
    return trace_context(parent.decode("latin-1"), state.decode("latin-1"))


def _makes_sense(match: re.Match[str]) -> bool:
    version, trace, parent, rest = match[1], match[2], match[3], match[5]
    return version != "ff" and not (version == "00" and rest) and bool(int(trace, 16) and int(parent, 16))


def _identifier(bits: int) -> int:
    return random.getrandbits(bits) or 1
