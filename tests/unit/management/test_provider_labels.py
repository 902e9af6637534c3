import pytest

from reconciler.management.provider_labels import provider_labels


@pytest.mark.parametrize(
    ("key", "labels"),
    [("Provider/u1", ("u1", "default")), ("Provider/team/u1", ("u1", "team")), ("u1", ("u1", "default"))],
)
def test_a_provider_stands_under_its_name_beside_its_namespace(key: str, labels: tuple[str, str]) -> None:
    assert provider_labels(key) == labels
