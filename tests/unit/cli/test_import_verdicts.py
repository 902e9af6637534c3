"""The rest is shown by tests/behaviour/both_ways/test_moving_here.py."""

from fakes.command import manifest
from fakes.managed import Managed

ENV = "QWEN_API_KEY=sk-made-up-1\nQWEN_BASE_URL=https://llm.example/v1\n"


def test_the_server_says_what_differs_and_whoever_may_not_changes_nothing(managed: Managed) -> None:
    file = managed.routerctl.folder / ".env"
    file.write_text(ENV)
    managed.here("apply", "-f", "-", stdin=manifest("Model", "m"))
    for token in (managed.token("viewer"), managed.token("operator", namespaces=("team",))):
        done = managed.there("migrate", file, "--apply", token=token)
        assert (done.code, "made-up" in f"{done}") == (6, False)
    assert managed.there("migrate", file, "--apply").code == 0
    viewer = managed.token("viewer")
    assert managed.there("migrate", file, "--apply", "--verify", token=viewer).code == 0
    assert managed.there("migrate", file, "--apply", "--dry-run", token=viewer).code == 6
    assert managed.there("migrate", file, "--apply", "--dry-run").code == 0
    file.write_text(ENV.replace("made-up-1", "made-up-2"))
    done = managed.there("migrate", file, "--apply", "--verify", token=viewer)
    assert (done.code, "made-up" in f"{done}") == (1, False)
    assert "different" in done.out
    assert done.out.count("different") == 2  # the key, and the sum
    patched = '{"spec": {"config": {"baseURL": "https://else.example/v1"}}}'
    managed.here("patch", "provider/dashscope-default", "-p", patched)
    done = managed.there("import", file, "--apply", "--verify", token=viewer)
    assert (done.code, "baseURL" in done.out) == (1, True)
