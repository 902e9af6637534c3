from fakes.command import Routerctl

from reconciler.secrets.key_text import hash_of
from reconciler.store.reader import Reader
from reconciler.store.tokens import tokens


def test_a_token_is_shown_once_and_kept_as_a_hash(routerctl: Routerctl) -> None:
    done = routerctl(
        "token",
        "create",
        "ci",
        "--role",
        "operator",
        "--manager",
        "git:acme",
        "--only-namespace",
        "a",
        "--expires",
        "90d",
    )
    text = done.out.strip()
    assert (done.code, text[:3], text in done.err) == (0, "rt-", False)
    assert "ci is operator until 20" in done.err
    with Reader(routerctl.db) as reader:
        (token,) = tokens(reader)
    assert (token.hash, token.managers, token.namespaces) == (hash_of(text), ("git:acme",), ("a",))
    assert text not in routerctl.ok("token", "list", "-o", "yaml") + routerctl.ok("audit", "-o", "json")
    assert text.encode() not in routerctl.db.read_bytes()


def test_as_data_it_is_one_object(routerctl: Routerctl) -> None:
    told = routerctl("token", "create", "grafana", "-o", "json").json()
    assert (told["role"], told["namespaces"], told["expires"], told["token"][:3]) == (
        "viewer",
        None,
        None,
        "rt-",
    )


def test_what_can_not_be_is_refused(routerctl: Routerctl) -> None:
    routerctl.ok("token", "create", "ci")
    for arguments, code in (
        (["ci"], 4),
        (["a b"], 3),
        (["x", "--role", "root"], 2),
        (["x", "--manager", "cli:ada"], 3),
        (["x", "--only-namespace", ""], 3),
        (["x", "--expires", "2020-01-01"], 2),
    ):
        assert routerctl("token", "create", *arguments).code == code, arguments


def test_a_namespace_that_would_not_count_is_refused(routerctl: Routerctl) -> None:
    done = routerctl("token", "create", "ci", "--role", "admin", "-n", "team-a")
    assert (done.code, done.out, "--only-namespace" in done.err) == (2, "", True)
