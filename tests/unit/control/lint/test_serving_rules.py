from fakes.linting import linted

from reconciler.control.lint.rule import Finding


def provider(name: str, spec: str = "") -> str:
    return f"---\nkind: Provider\nmetadata: {{name: {name}}}\nspec: {{type: lm-studio, {spec}config: {{baseURL: 'http://{name}'}}}}\n"


def model(name: str) -> str:
    return f"---\nkind: Model\nmetadata: {{name: {name}}}\nspec: {{aliases: [{name}-alias, '{name}/*']}}\n"


def binding(model_name: str, provider_name: str, spec: str = "") -> str:
    name = f"{model_name}-{provider_name}"
    return (
        f"---\nkind: Binding\nmetadata: {{name: {name}}}\n"
        f"spec: {{model: {model_name}, provider: {provider_name}{spec}}}\n"
    )


def settings(default: str, field: str = "defaultModel") -> str:
    return f"---\nkind: Settings\nmetadata: {{name: default}}\nspec: {{{field}: {default}}}\n"


def of(rule: str, *texts: str) -> list[Finding]:
    return [finding for finding in linted("".join(texts)).findings if finding.rule == rule]


def test_a_model_whose_bindings_are_disabled_says_so() -> None:
    (finding,) = of("model-without-binding", provider("a"), model("m"), binding("m", "a", ", enabled: false"))
    assert "disabled" in finding.message
    (bare,) = of("model-without-binding", model("m"))
    assert "no Binding" in bare.message


def test_a_provider_of_another_file_counts_as_one_that_serves() -> None:
    assert of("model-without-binding", model("m"), binding("m", "elsewhere")) == []
    assert of("binding-to-disabled-provider", model("m"), binding("m", "elsewhere")) == []


def test_a_disabled_binding_to_a_disabled_provider_is_consistent() -> None:
    texts = [provider("a", "enabled: false, "), model("m"), binding("m", "a", ", enabled: false")]
    assert of("binding-to-disabled-provider", *texts) == []


def test_the_default_model_may_be_an_alias() -> None:
    for name in ("m", "m-alias", "'m/x'"):
        assert len(of("default-model-not-served", model("m"), settings(name))) == 1
        assert (
            of("default-model-not-served", provider("a"), model("m"), binding("m", "a"), settings(name)) == []
        )
    assert of("default-model-not-served", settings("unknown")) == []


def test_priorities_are_compared_as_they_are_inherited() -> None:
    texts = [provider("a", "priority: 5, "), provider("b"), model("m"), binding("m", "a")]
    assert of("equal-priority", *texts, binding("m", "b")) == []
    assert of("equal-priority", *texts, binding("m", "b", ", priority: 5, weight: 0")) == []
    (finding,) = of("equal-priority", *texts, binding("m", "b", ", priority: 5, weight: 1"))
    assert (str(finding.key), finding.message[:37]) == (
        "Binding/m-b",
        "has priority 5 as Binding/m-a has, so",
    )


def test_the_active_provider_comes_first_whatever_the_names() -> None:
    texts = [provider("a"), provider("b"), provider("c"), model("m"), binding("m", "a"), binding("m", "b")]
    active = settings("b", "activeProvider")
    assert len(of("equal-priority", *texts)) == 1
    assert of("equal-priority", *texts, active) == []
    (finding,) = of("equal-priority", *texts, binding("m", "c"), active)
    assert (str(finding.key), "Binding/m-a" in finding.message) == ("Binding/m-c", True)


FORWARD = (
    "---\nkind: Settings\nmetadata: {name: default}\n"
    "spec: {activeProvider: a, unknownModels: forward, defaultModel: m}\n"
)


def test_a_model_that_is_forwarded_is_served() -> None:
    for rule in ("model-without-binding", "default-model-not-served", "unused-provider", "forward-to-nobody"):
        assert of(rule, provider("a"), model("m"), FORWARD) == []
    off = provider("a", "enabled: false, ")
    assert len(of("model-without-binding", off, model("m"), FORWARD)) == 1
    assert len(of("default-model-not-served", off, model("m"), FORWARD)) == 1
    bound = binding("m", "a", ", enabled: false")
    assert len(of("model-without-binding", provider("a"), model("m"), bound, FORWARD)) == 1


def test_an_active_provider_that_takes_no_unknown_models_and_has_no_binding_is_unused() -> None:
    assert len(of("unused-provider", provider("a"), settings("a", "activeProvider"))) == 1


def test_an_active_provider_of_another_file_counts_as_one_that_serves() -> None:
    assert of("active-provider-disabled", settings("elsewhere", "activeProvider")) == []
    off = provider("a", "enabled: false, ")
    assert len(of("active-provider-disabled", off, settings("a", "activeProvider"))) == 1
    assert of("active-provider-disabled", off, settings("m")) == []


def test_simulators_alone_are_a_choice() -> None:
    simulator = "---\nkind: Provider\nmetadata: {name: s}\nspec: {type: simulator, config: {}}\n"
    assert of("simulator-as-fallback", simulator, model("m"), binding("m", "s")) == []
    assert len(of("simulator-as-fallback", simulator, model("m"), binding("m", "s"), binding("m", "x"))) == 1
