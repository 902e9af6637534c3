from fakes.store import META, provider, put

from reconciler.store.deeds import of_commit, of_resume, of_seals
from reconciler.store.records import EMPTY_STORE, RevisionMeta


def test_a_deed_says_in_words_what_it_was_about() -> None:
    one, other = put(provider("a")), put(provider("b"))
    assert of_commit([one], EMPTY_STORE, META).target == "Provider/a"
    assert of_commit([one, other], None, META).target == "2 resources"
    found = of_commit([], None, RevisionMeta("ada", "patch", manager="cli:ada"))
    assert (found.target, found.manager, found.revision) == ("holds and sealed values", "cli:ada", None)
    assert of_commit([], None, RevisionMeta("ada", "patch")).manager is None
    assert of_commit([one], EMPTY_STORE, META).manager == "git:github.com/acme/routing"
    assert of_resume(["a", "b"]).target == "source a, b"
    assert of_seals(3).target == "3 values of the vault"
    assert of_seals(1).target == "1 value of the vault"
