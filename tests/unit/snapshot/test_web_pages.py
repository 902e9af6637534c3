from reconciler.json_types import JsonValue
from reconciler.resources.resource import Resource, ResourceKey, StoredResource
from reconciler.snapshot.web_pages import NO_WEB_PAGES, WebPages, web_pages

KEY = ResourceKey("Settings", "default", "default")


def of(cors: JsonValue, *, keyed: bool = False) -> WebPages:
    stored = StoredResource(Resource(KEY, {"cors": cors}), "u", 1, 1, "", 1)
    return web_pages({KEY: stored}, keyed=keyed)


def test_nothing_said_lets_none_in() -> None:
    assert web_pages({}, keyed=True) is NO_WEB_PAGES
    assert of(None) is NO_WEB_PAGES


def test_what_is_said() -> None:
    assert of(
        {"origins": ["https://a.example"], "maxAge": "1h", "credentials": True, "headers": ["x-a"]}
    ) == WebPages(("https://a.example",), every=False, credentials=True, headers=("x-a",), max_age=3600)


def test_all_origins_count_only_where_keys_are_asked_for() -> None:
    assert of({"origins": ["*"]}).every is False
    assert of({"origins": ["*"]}, keyed=True) == WebPages(every=True)
