"""Type qwen-direct: the web session of chat.qwen.ai. UNOFFICIAL: a site's own interface, which may change or end at any time.

It is asked with the token and the cookies of a browser that is logged in, for as long as they hold. A conversation goes on in
the chat that the site keeps of it, as `qwen_chats` says, and in a new one, told as a whole, wherever that is not certain.
"""

from collections.abc import Mapping

from reconciler import __version__
from reconciler.errors import InvalidInput
from reconciler.provider_types.base import Adapter, Endpoint, ProviderType
from reconciler.provider_types.config import ProviderConfig
from reconciler.provider_types.endpoints import JSON
from reconciler.provider_types.openai_compatible import TIMEOUTS, is_header_value, without_trailing_slash
from reconciler.provider_types.qwen_adapter import QwenDirectAdapter
from reconciler.provider_types.qwen_config import QwenDirectConfig
from reconciler.provider_types.tool_text import with_tool_calling

TOKEN_HEADER = "bx-umidtoken"  # noqa: S105  the name of a header
_SECRETS = ("token", "cookies", "tls.key")


def build(config: ProviderConfig, secrets: Mapping[str, str]) -> Adapter:
    if not isinstance(config, QwenDirectConfig):
        raise TypeError(f"not a config of type qwen-direct: {type(config).__name__}")
    root = without_trailing_slash(config.baseURL)
    headers = (
        ("user-agent", config.userAgent or f"routerctl/{__version__}"),
        ("content-type", JSON),
        (TOKEN_HEADER, _sendable(secrets, "token")),
        ("cookie", _sendable(secrets, "cookies")),
        ("origin", root),
    )
    return with_tool_calling(QwenDirectAdapter(root, headers), config.toolCalling or "xml")


def _sendable(secrets: Mapping[str, str], name: str) -> str:
    value = secrets.get(name, "").strip()
    if not value:
        raise InvalidInput(f"the value of {name} is empty", hint="copy it from a browser that is logged in")
    if not is_header_value(value, limit=64 * 1024):
        raise InvalidInput(
            f"the value of {name} holds characters that no HTTP header can hold",
            hint="look for a line break within it",
        )
    return value


SERVED = frozenset({Endpoint.CHAT})

QWEN_DIRECT = ProviderType(
    name="qwen-direct",
    config=QwenDirectConfig,
    transport="http",
    build=build,
    secret_fields=_SECRETS,
    in_place=(*TIMEOUTS, "expiresAt"),
    endpoints=SERVED,
    introduces=True,
)
