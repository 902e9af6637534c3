from reconciler.listener.access import Operation
from reconciler.management.upkeep import operations


def test_each_says_what_it_does_and_when_it_is_too_much() -> None:
    every = [each for each in vars(operations).values() if isinstance(each, Operation)]
    assert len({each.name for each in every}) == len(every) == 6
    for each in every:
        assert each.group == operations.GROUP
        assert set(each.answers) == {200, 429}
        assert each.takes is None or each.body["additionalProperties"] is False
