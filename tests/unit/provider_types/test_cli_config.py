import pytest
from pydantic import ValidationError

from reconciler.provider_types.cli_config import CliConfig, arguments, takes_prompt


def test_arguments_are_filled_in_once_and_never_look_like_options() -> None:
    template = ("-m", "{model}", "--ask={prompt}", "{prompt}", "{", "{}", '{"a": 1}')
    filled = arguments(template, "{prompt}", "-rf {model}")
    assert filled == ("-m", "{prompt}", "--ask=-rf {model}", " -rf {model}", "{", "{}", '{"a": 1}')
    assert takes_prompt(template)
    assert not takes_prompt(["-m", "{model}"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("executable", "bin/tool"),
        ("executable", ""),
        ("executable", "a\0b"),
        ("args", ["{modell}"]),
        ("args", ["a\0b"]),
        ("args", "-m"),
        ("environment", ["A B"]),
        ("workingDirectory", "here"),
        ("toolCalling", "native"),
        ("maxOutputBytes", 0),
        ("runTimeout", 30),
    ],
)
def test_what_is_no_config(field: str, value: object) -> None:
    with pytest.raises(ValidationError, match=field):
        CliConfig.model_validate({"executable": "tool", field: value})
