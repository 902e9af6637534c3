"""One request, read: who asks, what stands in its path and behind the `?`, and its body."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from starlette.requests import Request

from reconciler.control.permission import check_read
from reconciler.json_types import JsonObject, JsonValue
from reconciler.management.doorkeeper import REHEARSAL
from reconciler.management.problems import BadRequest
from reconciler.management.rest import answers, bodies, parameters
from reconciler.management.rest.manner import NONE, Manner
from reconciler.resources.principal import Principal
from reconciler.resources.resource import DEFAULT_NAMESPACE, ResourceKey

_LONGEST_TEXT = 1024
_LONGEST_NAME = 253


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who asks, what stands in its path and behind the `?`, and its body, of the media type `media`."""

    request: Request
    who: Principal
    given: Mapping[str, str]
    content: bytes = b""
    media: str | None = None

    @property
    def json(self) -> JsonValue:
        return bodies.json_value(self.content)

    @property
    def object(self) -> JsonObject:
        return bodies.json_object(self.content)

    def flag(self, name: str) -> bool:
        return parameters.flag(self.given, name)

    def rehearse(self) -> None:
        """From here on it is known to change nothing: what is refused of it needs no row in the audit."""
        self.request.scope[REHEARSAL] = True

    def path(self, name: str) -> str:
        """A name out of the path. Raises BadRequest for one that no resource can have."""
        found = str(self.request.path_params[name])
        if len(found) > _LONGEST_TEXT or not found.isprintable():
            raise BadRequest(f"{name} is longer than any name, or can't be printed")
        return found

    def namespace(self) -> str:
        """The one that is meant. Raises Forbidden where the principal may not look into it."""
        name = self.given.get(parameters.NAMESPACE.name, DEFAULT_NAMESPACE)
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise BadRequest("namespace is no name")
        check_read(self.who, name)
        return name

    def manner(self, operation: str, *keys: ResourceKey) -> Manner:
        """As the parameters ask; If-Match and If-None-Match hold for `keys`."""
        message = self.given.get(parameters.MESSAGE.name, "")
        if len(message) > _LONGEST_TEXT:
            raise BadRequest(f"message is longer than {_LONGEST_TEXT} characters")
        return Manner(
            operation,
            self.given.get(parameters.MANAGER.name),
            message,
            self.flag(parameters.DRY_RUN.name),
            self.flag(parameters.FORCE.name),
            dict.fromkeys(keys, self._expected()) if self._conditional else {},
        )

    @property
    def _conditional(self) -> bool:
        headers = self.request.headers
        return "if-match" in headers or "if-none-match" in headers

    def _expected(self) -> Collection[str]:
        headers = self.request.headers
        wanted = answers.versions(headers.get("if-match"), "If-Match")
        unwanted = answers.versions(headers.get("if-none-match"), "If-None-Match")
        if unwanted is not None and unwanted != {"*"}:
            raise BadRequest("If-None-Match of a change is *")
        if wanted is not None and unwanted is not None:
            raise BadRequest("If-Match and If-None-Match contradict each other")
        return wanted if wanted is not None else NONE
