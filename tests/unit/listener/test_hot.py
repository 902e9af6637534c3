from fakes.hot_service import PATH, ScriptedService, hot_paths

from reconciler.listener.hot import Service, Serving


def test_a_service_is_what_its_methods_are() -> None:
    service = ScriptedService()
    hot = hot_paths(service)
    found: Service = hot.services[PATH]
    assert found is service
    assert hot.max_body == 1000
    serving: list[Serving] = list(service.asked)
    assert serving == []
