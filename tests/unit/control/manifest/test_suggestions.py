import pytest

from reconciler.control.manifest.suggestions import suggestion


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("baseUrl", "baseURL"),
        ("BASEURL", "baseURL"),
        ("basURL", "baseURL"),
        ("timeOut", "timeout"),
        ("url", None),
        ("", None),
    ],
)
def test_the_word_that_was_probably_meant(word: str, meant: str | None) -> None:
    assert suggestion(word, ["baseURL", "timeout", "headers"]) == meant
