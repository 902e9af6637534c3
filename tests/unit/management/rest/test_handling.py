from reconciler.management.rest import handling


def test_it_names_what_it_gives() -> None:
    assert [*handling.__all__] == sorted(handling.__all__)
    assert all(hasattr(handling, name) for name in handling.__all__)
