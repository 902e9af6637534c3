from contextlib import closing
from pathlib import Path

from reconciler.store import kept_answers
from reconciler.store.observations import Observations


def test_so_many_are_kept(tmp_path: Path) -> None:
    with closing(Observations(tmp_path / "records.db")) as observations, observations.writing() as connection:
        for number in range(kept_answers.KEPT + 5):
            who = "p" if number >= kept_answers.KEPT else f"p{number // kept_answers.KEPT_OF_ONE}"
            assert kept_answers.begin(connection, who, str(number), "r", 1.0) is None
            kept_answers.keep(connection, who, str(number), "{}")
        (count,) = connection.execute("SELECT count(*) FROM kept_answer").fetchone()
        assert count == kept_answers.KEPT
        last = str(kept_answers.KEPT + 4)
        assert kept_answers.begin(connection, "p", last, "r", 2.0) == kept_answers.Kept("r", "{}")
        kept_answers.give_up(connection, "p", last)  # an answer stays
        assert kept_answers.begin(connection, "p", last, "r", 2.0) is not None


def test_nobody_has_the_answers_of_others_forgotten(tmp_path: Path) -> None:
    with closing(Observations(tmp_path / "records.db")) as observations, observations.writing() as connection:
        kept_answers.begin(connection, "ada", "k", "r", 1.0)
        kept_answers.keep(connection, "ada", "k", "{}")
        for number in range(kept_answers.KEPT + 5):
            kept_answers.begin(connection, "eve", str(number), "r", 1.0)
        assert kept_answers.begin(connection, "ada", "k", "r", 2.0) == kept_answers.Kept("r", "{}")
        (count,) = connection.execute("SELECT count(*) FROM kept_answer").fetchone()
        assert count == kept_answers.KEPT_OF_ONE + 1
