from reconciler.snapshot import egress, guards, recording, web_pages


def test_they_are_those_of_their_own_modules() -> None:
    assert (guards.OPEN, guards.Egress) == (egress.OPEN, egress.Egress)
    assert (guards.NO_WEB_PAGES, guards.WebPages) == (web_pages.NO_WEB_PAGES, web_pages.WebPages)
    assert guards.Recording is recording.Recording
