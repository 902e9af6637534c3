import pytest

from reconciler.control.importing.dotenv import parse


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=1", "1"),
        ("  A = 1  ", "1"),
        ("export A=1", "1"),
        ("A=60000   # a minute", "60000"),
        ("A='x # y' # z", "x # y"),
        ('A="x # y"   # z', "x # y"),
        ("A=`x 'y'`", "x 'y'"),
        ('A="two\\nlines"', "two\nlines"),
        ('A="first\nsecond"', "first\nsecond"),
        ('A="open', '"open'),
        ('A="x"y', '"x"y'),
        ("A=", ""),
        ("A=\r\n", ""),
        ("A=http://x/?a=b&c=d", "http://x/?a=b&c=d"),
    ],
)
def test_a_value_is_what_dotenv_reads(line: str, value: str) -> None:
    assert parse(line).values == {"A": value}


def test_the_last_of_a_name_counts_and_comments_are_nothing() -> None:
    read = parse("\ufeff# A=0\n\nA=1\nnonsense\nA=2#3\n=4\n")
    assert read.values == {"A": "2"}
    assert read.cut == ("A",)
    assert read.odd == (4, 6)


def test_values_are_not_shown() -> None:
    assert "s3cret" not in repr(parse("A=s3cret"))
