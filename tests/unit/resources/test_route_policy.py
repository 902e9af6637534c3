import pytest
from pydantic import ValidationError

from reconciler.resources.route_policy import RouteHedge, RouteRetry, RouteShadow, RouteTimeouts, ShadowTarget


def test_what_is_not_told_has_no_value() -> None:
    hedge = RouteHedge.model_validate({"delay": "300ms"})
    assert hedge.model_dump(exclude_none=True) == {"delay": "300ms"}
    shadow = RouteShadow.model_validate({"target": {"model": "m"}})
    assert (shadow.percent, shadow.target) == (None, ShadowTarget(model="m"))


@pytest.mark.parametrize("kind", [RouteTimeouts, RouteRetry])
def test_what_says_nothing_is_refused(kind: type[RouteTimeouts] | type[RouteRetry]) -> None:
    with pytest.raises(ValidationError, match="or both"):
        kind.model_validate({})
