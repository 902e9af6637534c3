"""Tokens of a server, and what is asked of those who serve."""

from collections.abc import Sequence

from reconciler.api import asked
from reconciler.api.writes import Grant, Granted, Reloading, Reset
from reconciler.control.egress import CutOff
from reconciler.remote.posting import Posting
from reconciler.resources.resource import ResourceKey
from reconciler.store.tokens import Token


class RemotePeopleWrites(Posting):
    """Fits api.people_writes.PeopleWrites."""

    def tokens(self) -> tuple[Token, ...]:
        return self.told(self.get("/v1/tokens"), tuple[Token, ...], "tokens")

    def first_cuts_off(self) -> CutOff | None:
        return self.told(self.get("/v1/tokens/first"), CutOff | None, "cutsOff")

    def create_token(self, grant: Grant) -> Granted:
        return self.told(self.post("/v1/tokens", grant, Grant), Granted, "granted")

    def revoke_tokens(self, names: Sequence[str]) -> tuple[Token, ...]:
        told = asked.RevokeAsked(tuple(names))
        done = self.post("/v1/tokens/revoke", told, asked.RevokeAsked)
        return self.told(done, tuple[Token, ...], "tokens")

    def reset_providers(self, keys: Sequence[ResourceKey]) -> Reset:
        told = asked.ResetAsked(tuple(keys))
        return self.told(self.post("/v1/provider-resets", told, asked.ResetAsked), Reset, "reset")

    def ask_reload(self) -> tuple[int, Reloading]:
        done = self.send("/v1/reload", {})
        return self.told(done, int, "number"), self.told(done, Reloading, "reloading")

    def reloading(self) -> Reloading:
        return self.told(self.get("/v1/reload"), Reloading, "reloading")
