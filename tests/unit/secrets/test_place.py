from reconciler.secrets.place import Place, packed


def test_a_place_reads_as_a_path() -> None:
    place = Place("team", "Provider", "openai", "spec.config.apiKey")
    assert str(place) == "team/Provider/openai/spec.config.apiKey"


def test_no_two_lists_of_names_are_packed_alike() -> None:
    lists = [(), ("",), ("", ""), ("ab",), ("a", "b"), ("a", "b", ""), ("a/b",), ("é",)]
    assert len({packed(names) for names in lists}) == len(lists)
