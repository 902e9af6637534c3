"""What the requests that are sought come to."""

from datetime import datetime, timedelta

from reconciler.json_types import JsonObject
from reconciler.management.records import listing, summing
from reconciler.management.records.asking import Asked
from reconciler.management.rest.answers import Answer
from reconciler.management.rest.calls import Call

_RECENT = 20


class Totals:
    def __init__(self, asked: Asked) -> None:
        self._asked = asked

    def statistics(self, call: Call) -> Answer:
        by = summing.dimensions(call.given.get("by", "provider,model"))
        groups = self._asked.traffic.groups(by, self._asked.sought(call))
        return Answer({"by": [*by], "items": [summing.group_document(by, group) for group in groups]})

    def response_stats(self, call: Call) -> Answer:
        groups = self._asked.traffic.groups((), self._asked.sought(call))
        return Answer(summing.usage_document(summing.whole(groups)))

    def recent(self, call: Call) -> Answer:
        limit = listing.part(call.given, 0).limit if listing.LIMIT.name in call.given else _RECENT
        found = self._asked.traffic.find(self._asked.sought(call), limit)
        now = self._asked.now()
        told = [summing.activity_document(row, now) for row in found]
        return Answer({"activities": [*told], "total": len(told), "limit": limit})

    def activity_stats(self, call: Call) -> Answer:
        now, sought, traffic = self._asked.now(), self._asked.sought(call), self._asked.traffic
        ever, hour, day = (
            summing.whole(traffic.groups((), sought._replace(since=since)))
            for since in (None, _before(now, timedelta(hours=1)), _before(now, timedelta(days=1)))
        )
        active = traffic.sessions(sought._replace(since=_before(now, summing.ACTIVE)))
        with self._asked.stores.reading() as reader:
            providers, models = (
                sum(call.who.sees(each.key.namespace) for each in reader.list(kind))
                for kind in ("Provider", "Model")
            )
        good = day.requests - day.failed
        stats: JsonObject = {
            "total_api_requests": ever.requests,
            "avg_response_time_ms": summing.mean_ms(ever),
            "active_sessions": len(active),
            "recent_errors": day.failed,
            "total_providers": providers,
            "total_models": models,
            "requests_last_hour": hour.requests,
            "requests_last_day": day.requests,
            "success_rate_percent": round(good * 100 / day.requests) if day.requests else 100,
        }
        return Answer({"stats": stats})

    def session_stats(self, call: Call) -> Answer:
        row = self._asked.session(call)
        usage = summing.usage_document(
            summing.whole(self._asked.traffic.groups((), self._asked.sought(call)))
        )
        times: JsonObject = {"created_at": row.first, "last_accessed": row.last}
        return Answer({"session_id": row.id, "request_count": row.requests, **times, "usage": usage})


def _before(now: datetime, ago: timedelta) -> int:
    return int((now - ago).timestamp() * 1000)
