"""The loop that tutorials show: warcio, BeautifulSoup over lxml with `get_text`, and fastText's `predict`."""

from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup
from fasttext.FastText import _FastText
from warcio.archiveiterator import ArchiveIterator

from tests.bench.peers.race import Race, Score, Scorer, ordered, run


def load(race: Race) -> Scorer:
    model = _FastText(str(race.model))

    def score(file: Path) -> Iterator[Score]:
        kept = 0
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream):
                if record.rec_type != "response":
                    continue
                content_type = record.http_headers.get_header("Content-Type") or ""
                if not content_type.startswith("text/html"):
                    continue
                text = BeautifulSoup(record.content_stream().read(), "lxml").get_text().replace("\n", " ")
                labels, chances = model.predict(text, k=2)
                chance = float(chances[labels.index(race.label)])
                kept += chance >= race.floor_score
                yield record.rec_headers.get_header("WARC-Target-URI"), chance

    return score


if __name__ == "__main__":
    run(ordered(), load)
