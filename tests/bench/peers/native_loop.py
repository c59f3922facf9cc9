"""The fastest parts without Spark: fastwarc, lexbor (the same strip and text as ours) and fastText's `predict`.

A bare loop: it undoes no chunks, believes no charset but UTF-8, tells no language and writes nothing. It runs in the
project's own environment, whose fastText is compiled for the machine and faster than the peers' wheel.
"""

from collections.abc import Iterator
from pathlib import Path

from fasttext.FastText import _FastText
from fastwarc import ArchiveIterator, WarcRecordType
from selectolax.lexbor import LexborHTMLParser

from tests.bench.peers.race import Race, Score, Scorer, ordered, run


def load(race: Race) -> Scorer:
    model = _FastText(str(race.model))

    def score(file: Path) -> Iterator[Score]:
        kept = 0
        with file.open("rb") as stream:
            for record in ArchiveIterator(stream, record_types=WarcRecordType.response):
                if record.http_content_type != "text/html":
                    continue
                tree = LexborHTMLParser(record.reader.read())
                tree.strip_tags(["script", "style", "noscript", "template", "svg"])
                text = tree.root.text(separator=" ").replace("\n", " ")
                # A list of one: with NumPy 2 fastText 0.9.3 takes no other.
                [labels], [chances] = model.predict([text], k=2)
                chance = float(chances[labels.index(race.label)])
                kept += chance >= race.floor_score
                yield record.headers["WARC-Target-URI"], chance

    return score


if __name__ == "__main__":
    run(ordered(), load)
