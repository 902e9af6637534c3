"""The effects that a revision may have on traffic, in words. `impact` finds them; who only tells of them needs no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

LOST_ROUTE = "lost-route"
ROUTE_SINGLE_PROVIDER = "route-single-provider"
ROUTE_ORDER = "route-order"
ROUTE_MATCH = "route-match"
ROUTE_POLICY = "route-policy"
ROUTE_EFFECTS = frozenset({LOST_ROUTE, ROUTE_SINGLE_PROVIDER, ROUTE_ORDER, ROUTE_MATCH, ROUTE_POLICY})

LOST_MODEL = "lost-model"
LOST_RECORDS = "lost-records"
CLIENT_REFUSED = "client-refused"
LESS_PERMITTED = "less-permitted"
CLIENT_EFFECTS = frozenset({CLIENT_REFUSED, LESS_PERMITTED})
KEYS_ASKED_FOR = "keys-asked-for"
SINGLE_PROVIDER = "single-provider"
FALLBACK_ORDER = "fallback-order"
PRICE_INCREASE = "price-increase"
PRICE_DECREASE = "price-decrease"
DEFAULT_MODEL = "default-model"
ACTIVE_PROVIDER = "active-provider"
UNKNOWN_MODELS = "unknown-models"
VANISHED_NAME = "vanished-name"
MOVED_NAME = "moved-name"
GAINED_MODEL = "gained-model"
APPEARED_NAME = "appeared-name"

EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        LOST_MODEL: "a model that was served is served by nobody",
        LOST_ROUTE: "nobody serves what a Route decides, and somebody did",
        KEYS_ASKED_FOR: "requests need a key of a client, or need none any more",
        CLIENT_REFUSED: "no key of a client is accepted, and one was",
        LESS_PERMITTED: "a client may no longer ask for names that are still there",
        LOST_RECORDS: "traffic records that are kept now are deleted: for their age, or for their size",
        SINGLE_PROVIDER: "one provider is left of several that served a model",
        ROUTE_SINGLE_PROVIDER: "one provider is left of several that served what a Route decides",
        FALLBACK_ORDER: "other providers are tried for a model, or in another order",
        ROUTE_ORDER: "a Route begins or ends, or sends to others, in another order or by other shares",
        ROUTE_MATCH: "a Route decides other requests",
        ROUTE_POLICY: "a Route has other deadlines or retries, or asks others twice, beside or in parts",
        PRICE_INCREASE: "a model's tokens cost more, or have a price that was not told before",
        DEFAULT_MODEL: "a request that names no model means another one, or none",
        ACTIVE_PROVIDER: "another provider comes first for all that it is bound to, or none does",
        UNKNOWN_MODELS: "a name that no model has goes to another provider, or is refused",
        VANISHED_NAME: "a name or alias that clients could ask for means nothing",
        MOVED_NAME: "a name or alias means another model",
        PRICE_DECREASE: "a model's tokens cost less, or their price is no longer told",
        GAINED_MODEL: "a model that nobody served is served",
        APPEARED_NAME: "a name or alias is new to clients",
    }
)
"""Every effect by its word, the gravest first."""


@dataclass(frozen=True, slots=True)
class Effect:
    """`word` is one of EFFECTS. `before` and `after` are providers in the order in which they are tried, of a name the
    model that it means, of a price all that are told of the model, of the default model what stands in the Settings and, behind it, the model that this means, and of
    the active provider its name, also as the one to which unknown models go; of records how long, or how many MiB of them, are kept. Of a Route they are its strategy and then
    model@provider in the order of its targets; the model is left out where it is the one that was asked for.

    Of a client they are names that it could ask for.

    `subject` is the name of a Model, Route or ClientKey, or the name or alias that clients ask for; "" for what is said of a whole
    namespace.
    """

    word: str
    namespace: str
    subject: str
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """The effects in the order of EFFECTS, then of namespaces and subjects. None: traffic notices nothing."""

    effects: tuple[Effect, ...] = ()

    def counts(self) -> Mapping[str, int]:
        """How many effects there are of each word that there is."""
        words = [effect.word for effect in self.effects]
        return {word: words.count(word) for word in EFFECTS if word in words}
