from reconciler.control.manifest.round_trip.masking import HIDDEN, masked

PROVIDER = (
    "apiVersion: routerctl.dev/v1\nkind: Provider\nmetadata: {name: p}\nspec:\n  type: lm-studio\n  config:\n"
)
SECRET = "apiVersion: routerctl.dev/v1\nkind: Secret\nmetadata: {name: s}\nspec:\n"


def test_plain_secrets_are_hidden_by_their_place() -> None:
    text = f"# sk-1\n{PROVIDER}    baseURL: http://sk-1\n    apiKey: 'sk-1' # c\n---\n{SECRET}  data:\n    A: {{value: sk-2}}\n    B:\n      value: |\n        sk-3\n        sk-4\n    # c\n"
    shown = masked("\ufeff" + text)
    assert shown == text.replace("'sk-1'", HIDDEN).replace("sk-2", HIDDEN).replace(
        "|\n        sk-3\n        sk-4", HIDDEN
    )


def test_references_are_shown() -> None:
    text = f"{PROVIDER}    apiKey: {{valueFrom: {{env: A_TOKEN}}}}\n---\n{SECRET}  data: {{A: {{sealed: v-1}}}}\n"
    assert masked(text) == text


def test_a_secret_that_an_anchor_shares_is_hidden_where_it_is_written() -> None:
    text = f"{PROVIDER}    headers: {{a: &k sk-1}}\n    apiKey: *k\n"
    assert masked(text) == text.replace("sk-1", HIDDEN)
    twice = f"{SECRET}  data:\n    A: &x {{value: sk-1}}\n    B: *x\n"
    assert masked(twice) == twice.replace("sk-1", HIDDEN)


def test_what_is_no_resource_is_shown() -> None:
    assert masked("a: 1\n---\n# b\n") == "a: 1\n---\n# b\n"


def test_a_document_whose_places_are_unknown_is_not_shown() -> None:
    shown = masked(f"{PROVIDER}    apiKey:\tsk-1\n---\na: 1\n")
    assert "sk-1" not in shown
    assert shown.endswith("---\na: 1\n")
