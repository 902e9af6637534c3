"""The routes of the records."""

from reconciler.listener.access import Check, DeclaredRoute
from reconciler.management.records import listing, operations
from reconciler.management.records.archive import Archive
from reconciler.management.records.asking import Asked
from reconciler.management.records.deleting import Deleting
from reconciler.management.records.totals import Totals
from reconciler.management.records.views import Views
from reconciler.management.rest.calls import Desk
from reconciler.management.rest.stores import Stores


def routes(stores: Stores, archive: Archive, check: Check) -> list[DeclaredRoute]:
    asked, desk = Asked(stores, archive), Desk(stores, check)
    views, totals, deleting = Views(asked), Totals(asked), Deleting(asked)
    requests = ("/v1/requests", views.requests, views.export_requests, operations.LIST_REQUESTS)
    responses = ("/v1/responses", views.responses, views.export_responses, operations.LIST_RESPONSES)
    sessions = ("/v1/sessions", views.sessions, views.export_sessions, operations.LIST_SESSIONS)
    of_session = (
        "/v1/sessions/{id}/requests",
        views.requests,
        views.export_requests,
        operations.REQUESTS_OF_SESSION,
    )
    return [
        *(listing.exportable(*each, check) for each in (requests, responses, sessions, of_session)),
        desk.write("DELETE", "/v1/requests", deleting.requests, operations.DELETE_REQUESTS),
        desk.read("/v1/requests/{id}", views.request, operations.GET_REQUEST),
        desk.write("DELETE", "/v1/requests/{id}", deleting.request, operations.DELETE_REQUEST),
        desk.read("/v1/responses/stats", totals.response_stats, operations.RESPONSE_STATS),
        desk.read("/v1/responses/request/{id}", views.response, operations.RESPONSE_OF_REQUEST),
        desk.read("/v1/responses/session/{id}", views.responses, operations.RESPONSES_OF_SESSION),
        desk.read("/v1/responses/{id}", views.response, operations.GET_RESPONSE),
        desk.write("DELETE", "/v1/responses/{id}", deleting.request, operations.DELETE_RESPONSE),
        desk.write("DELETE", "/v1/sessions", deleting.sessions, operations.DELETE_SESSIONS),
        desk.read("/v1/sessions/{id}", views.session, operations.GET_SESSION),
        desk.read("/v1/sessions/{id}/stats", totals.session_stats, operations.SESSION_STATS),
        desk.write("DELETE", "/v1/sessions/{id}", deleting.session, operations.DELETE_SESSION),
        desk.read("/v1/statistics", totals.statistics, operations.STATISTICS),
        desk.read("/v1/activity/recent", totals.recent, operations.RECENT),
        desk.read("/v1/activity/stats", totals.activity_stats, operations.ACTIVITY_STATS),
        desk.read("/api/v1/activity/recent", totals.recent, operations.again(operations.RECENT)),
        desk.read(
            "/api/v1/activity/stats", totals.activity_stats, operations.again(operations.ACTIVITY_STATS)
        ),
    ]
