"""The places in a document between whose lines the benchmarks write, and nothing else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """Two comments in Markdown, and what stands between them."""

    begin: str
    end: str

    def is_in(self, document: Path) -> bool:
        text = document.read_text(encoding="utf-8") if document.is_file() else ""
        return -1 < text.find(self.begin) < text.find(self.end)

    def write(self, document: Path, figures: str) -> None:
        text = document.read_text(encoding="utf-8")
        before, after = text.partition(self.begin)[0], text.partition(self.end)[2]
        document.write_text(f"{before}{self.begin}\n\n{figures}\n\n{self.end}{after}", encoding="utf-8")


CONTROL = Place("<!-- figures: written by benchmarks/run.py -->", "<!-- end of figures -->")
DATA = Place("<!-- data plane: written by benchmarks/run.py -->", "<!-- end of the data plane -->")
CURVE = Place("<!-- curve: written by benchmarks/run.py --only curve -->", "<!-- end of the curve -->")
PEERS = Place("<!-- peers: written by benchmarks/peers.py -->", "<!-- end of the peers -->")
SOAK = Place("<!-- soak: written by benchmarks/soak.py -->", "<!-- end of the soak -->")


def missing(document: Path, places: Iterable[Place]) -> str | None:
    """What is wrong with it, for people; None where all the places are there."""
    for place in places:
        if not place.is_in(document):
            return f"{document}: there are no lines {place.begin} and {place.end} to write between"
    return None


def taken(when: str, about: Sequence[str], parts: Sequence[str]) -> str:
    """What is written into a place: the day, the machine, the figures."""
    listed = "\n".join(f"- {line}" for line in about)
    return "\n\n".join([f"Taken on {when}.", listed, *parts])
