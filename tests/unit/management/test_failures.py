from pathlib import Path

from fakes.api import api


def test_what_is_raised_is_a_problem(tmp_path: Path) -> None:
    with api(tmp_path) as asked:
        missing = asked.get("/v1/nothing")
        assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
        other = asked.ask("DELETE", "/v1/providers")
        assert other.status_code == 405
        assert other.headers["allow"] == "GET, HEAD, POST"
        nobody = asked.nobody.get("/v1/providers")
        assert (nobody.status_code, nobody.headers["www-authenticate"]) == (401, "Bearer")
        assert all(
            each.headers["content-type"] == "application/problem+json" for each in (missing, other, nobody)
        )
