"""What `test` of a provider does: built as a worker would build it, and asked. Nothing is written, and nothing counts in its limits.

Is it there, does it take the key, which models has it; and where that is asked for, does it answer a tiny chat, which
costs some tokens. It works for disabled Providers as well, within a bound of time.
"""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from reconciler.bootstrap.upstreams.asking import Asker, Reply, asking
from reconciler.bootstrap.upstreams.building import Site, Surroundings, site
from reconciler.bootstrap.upstreams.listing import Listing, discovery_of, list_models
from reconciler.bootstrap.upstreams.words import failed, masks_of, of_status, shortened, unauthorised
from reconciler.control.manifest.printable import printable
from reconciler.control.provider_report import (
    AUTHENTICATED,
    BUILT,
    CHAT,
    CHECKS,
    MODELS,
    REACHABLE,
    Checked,
    ProviderReport,
)
from reconciler.errors import NotFound, one_line
from reconciler.gateway.masking import Masks
from reconciler.provider_types.base import Endpoint
from reconciler.provider_types.openai_compatible import OpenAICompatibleAdapter
from reconciler.resources.resource import ResourceKey, StoredResource
from reconciler.snapshot.model import Upstream
from reconciler.snapshot.stored_provider import config_of, secrets_of

SECONDS = 10.0
"""For each request but the chat."""
CHAT_SECONDS = 60.0
_ANSWER = 256 * 1024
_TOKENS = 16
_PROMPT = "Answer with the one word: pong"


@dataclass(frozen=True, slots=True)
class Asked:
    """`chat`: a model is asked as well: `model` by its upstream's name, else one that a Binding names, else the first listed."""

    chat: bool = False
    model: str | None = None
    seconds: float = SECONDS


def examine_provider(around: Surroundings, key: ResourceKey, asked: Asked | None = None) -> ProviderReport:
    """Blocks; bounded by the seconds of some requests. Raises NotFound, StoreError, and nothing for what a provider does."""
    asked = Asked() if asked is None else asked
    here = site(around)
    provider = here.state.get(key)
    if key.kind != "Provider" or provider is None:
        names = sorted(
            each.name for each in here.state if (each.kind, each.namespace) == ("Provider", key.namespace)
        )
        hint = f"there is {', '.join(names[:20])}" if names else "there is none"
        raise NotFound(
            f"{printable(str(key))} does not exist",
            hint=f"{hint} in the namespace {printable(key.namespace)}",
        )
    return asyncio.run(_tested(around, here, provider, asked))


async def _tested(around: Surroundings, here: Site, provider: StoredResource, asked: Asked) -> ProviderReport:
    spec = provider.resource.spec
    report = ProviderReport(provider.key, str(spec.get("type")), spec.get("enabled") is not False, ())
    built = here.build(provider)
    if built.upstream is None or built.refusal is not None:
        reason = one_line(built.refusal.reason) if built.refusal is not None else "it can't be built"
        hint = "secrets, files and variables are read here, with this environment and these flags, as a gateway reads its own"
        return replace(report, checks=_whole((Checked(BUILT, "failed", reason, hint),)))
    async with asking(
        around.environ, here.policy, listeners=around.listeners, seconds=asked.seconds
    ) as asker:
        examined = _Examined(asker, built.upstream, provider, here, asked)
        return await examined.report(report)


class _Examined:
    """One provider, under examination."""

    def __init__(
        self, asker: Asker, upstream: Upstream, provider: StoredResource, here: Site, asked: Asked
    ) -> None:
        self._asker = asker
        self._upstream = upstream
        self._provider = provider
        self._here = here
        self._asked = asked
        self._masks: Masks = masks_of(upstream)

    async def report(self, report: ProviderReport) -> ProviderReport:
        built = Checked(BUILT, "ok", "its config, secrets and TLS go together")
        listing = await list_models(self._asker, self._upstream, discovery_of(report.type))
        checks = [built, *self._of_listing(listing)]
        if listing.found is None and listing.reply.status == 404:
            checks[-1] = await self._elsewhere() or checks[-1]
        models = tuple(each.name for each in listing.found.models) if listing.found is not None else ()
        answer = None
        if self._asked.chat and all(each.outcome != "failed" or each.check == MODELS for each in checks):
            chat, answer = await self._chat(models)
            checks.append(chat)
        bound = {*self._bound()}
        missing = sorted(bound - {*models}) if models else []
        return replace(
            report, checks=_whole(tuple(checks)), models=models, missing=tuple(missing), answer=answer
        )

    def _of_listing(self, listing: Listing) -> Iterator[Checked]:
        reply = listing.reply
        if reply.failure is not None and not reply.status:
            meaning = failed(reply)
            yield Checked(REACHABLE, "failed", meaning.message, meaning.hint)
            return
        yield Checked(REACHABLE, "ok", "it answers", seconds=reply.seconds)
        keyed = any(True for _ in secrets_of(self._provider))
        if reply.status in (401, 403):
            meaning = unauthorised(reply, keyed=keyed)
            yield Checked(AUTHENTICATED, "failed", meaning.message, meaning.hint)
            return
        if listing.found is not None:
            told = "its key is accepted" if keyed else "it asks for no key"
            yield Checked(AUTHENTICATED, "ok", told)
            count = len(listing.found.models)
            more = " and more" if listing.found.more else ""
            yield Checked(MODELS, "ok", f"it lists {count}{more} model{'s' if count != 1 else ''}")
            return
        yield Checked(AUTHENTICATED, "skipped", "not known: only its list of models was asked for")
        yield self._no_list(listing)

    def _no_list(self, listing: Listing) -> Checked:
        reply = listing.reply
        if reply.failure is not None:
            meaning = failed(reply)
            return Checked(MODELS, "failed", meaning.message, meaning.hint)
        if reply.status == 404:
            return Checked(
                MODELS,
                "failed",
                "it has no list of models (status 404)",
                "check baseURL: the version (/v1) is a part of it",
            )
        if 300 <= reply.status <= 399:
            return Checked(
                MODELS, "failed", f"it redirects (status {reply.status}), and redirects are not followed",
                "write where it leads to as baseURL",
            )  # fmt: skip
        if reply.good:
            return Checked(
                MODELS,
                "failed",
                listing.problem,
                "what answers there is probably no such server: check baseURL",
            )
        return Checked(
            MODELS,
            "failed",
            f"it lists no models: {of_status(reply, self._masks)}",
            "it may serve requests all the same: try --chat",
        )

    async def _elsewhere(self) -> Checked | None:
        """Is it there with the version, or without? On the same host, so the key goes nowhere else."""
        adapter = self._upstream.adapter
        base, written = getattr(adapter, "base_url", None), config_of(self._provider).get("baseURL")
        if not isinstance(adapter, OpenAICompatibleAdapter) or not isinstance(base, str):
            return None
        other = base.removesuffix("/v1") if base.endswith("/v1") else f"{base}/v1"
        reply = await self._asker.ask(self._upstream, replace(adapter, base_url=other).probe(None))
        if not reply.good:
            return None
        shown = printable(str(written))
        return Checked(
            MODELS,
            "failed",
            f"it lists no models below {shown}, and does below {other}",
            f"write baseURL: {other}",
        )

    # --- the chat ---------------------------------------------------------------------------------------------

    def _bound(self) -> Iterator[str]:
        """The names that its Bindings have for models, the default one first."""
        key = self._provider.key
        bindings = [
            stored.resource.spec
            for stored in self._here.state.values()
            if (stored.key.kind, stored.key.namespace) == ("Binding", key.namespace)
            and stored.resource.spec.get("provider") == key.name
        ]
        for spec in sorted(
            bindings, key=lambda spec: (spec.get("default") is not True, str(spec.get("model")))
        ):
            named = spec.get("upstreamModel") or spec.get("model")
            if isinstance(named, str) and named != "*":
                yield named

    async def _chat(self, models: tuple[str, ...]) -> tuple[Checked, str | None]:
        model = self._asked.model or next(self._bound(), None) or next(iter(models), None)
        if model is None:
            return Checked(
                CHAT, "skipped", "no model is known that could be asked", "name one with --model"
            ), None
        if Endpoint.CHAT not in self._upstream.endpoints:
            return Checked(CHAT, "skipped", "its type serves no chats"), None
        reply = await self._say(model, "max_tokens")
        if reply.status == 400 and b"max_completion_tokens" in reply.body:
            reply = await self._say(model, "max_completion_tokens")
        return self._chatted(model, reply)

    async def _say(self, model: str, bound: str) -> Reply:
        body = {"model": model, "messages": [{"role": "user", "content": _PROMPT}], bound: _TOKENS}
        try:
            request = self._upstream.adapter.encode(Endpoint.CHAT, json.dumps(body).encode())
        except Exception as error:  # noqa: BLE001  what an adapter can't send is its own affair
            return Reply(0, reason=f"the request can't be written ({type(error).__name__})", failure=None)
        return await self._asker.ask(
            self._upstream, request, seconds=max(CHAT_SECONDS, self._asked.seconds), most=_ANSWER
        )

    def _chatted(self, model: str, reply: Reply) -> tuple[Checked, str | None]:
        name = printable(model)
        if reply.failure is not None:
            meaning = failed(reply)
            return Checked(CHAT, "failed", f"{name}: {meaning.message}", meaning.hint), None
        if reply.status in (401, 403):
            meaning = unauthorised(reply, keyed=True)
            return Checked(CHAT, "failed", f"{name}: {meaning.message}", meaning.hint), None
        answer = _answer(reply.body) if reply.good else None
        if answer is None:
            said = of_status(reply, self._masks) if not reply.good else "the answer is no chat completion"
            hint = "is that a model of its own?" if reply.status in (400, 404) else ""
            return Checked(CHAT, "failed", f"{name}: {said}", hint), None
        masked = self._masks.masked(answer.encode()).decode("utf-8", "replace")
        return Checked(CHAT, "ok", f"{name} answers", seconds=reply.seconds), shortened(masked)


def _answer(body: bytes) -> str | None:
    """The text of an answer; "" where it says nothing, None for what is none."""
    try:
        told = json.loads(body)
        said = told["choices"][0]["message"]
    except (ValueError, RecursionError, KeyError, IndexError, TypeError):
        return None
    content = said.get("content") if isinstance(said, dict) else None
    return content if isinstance(content, str) else "" if isinstance(said, dict) else None


def _whole(checks: tuple[Checked, ...]) -> tuple[Checked, ...]:
    """With those that were not come to, but for the chat, which nobody may have asked for."""
    known = {each.check for each in checks}
    rest = (name for name in CHECKS if name not in known and name != CHAT)
    return (
        *checks,
        *(Checked(name, "skipped", "not asked, because of what is wrong before it") for name in rest),
    )
