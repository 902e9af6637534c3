import pytest

from reconciler.errors import NotFound
from reconciler.management.resources.named import kinds_of
from reconciler.resources.kinds import KINDS


def test_kinds_by_any_word() -> None:
    assert [kind.name for kind in kinds_of("models, prov,Model")] == ["Model", "Provider"]
    assert len(kinds_of(None)) == len(kinds_of("")) == len(KINDS)
    with pytest.raises(NotFound, match="pods"):
        kinds_of("model,pods")
