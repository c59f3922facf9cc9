"""Writes the demo's small web: `python -m mammoth_spark.demo FOLDER`."""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path

from mammoth_spark.demo.corpus import build_corpus


def main(arguments: list[str] | None = None) -> None:
    """Read the command line, write the corpus, say what was written."""
    parser = argparse.ArgumentParser(prog="python -m mammoth_spark.demo", description=__doc__)
    parser.add_argument("folder", type=Path, help="where to write; made if it does not exist")
    parser.add_argument("--pages", type=int, default=2000, help="pages in the sound files (default 2000)")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another web (default 1)")
    parser.add_argument("--weight", choices=["demo", "bench"], default="demo", help="how heavy the pages are")
    chosen = parser.parse_args(arguments)
    started = time.monotonic()

    def progress(done: int) -> None:
        if done % 500 == 0:
            print(f"{done} of {chosen.pages} pages, {time.monotonic() - started:.0f} s", file=sys.stderr)

    try:
        corpus = build_corpus(chosen.folder, chosen.pages, chosen.seed, chosen.weight, progress=progress)
    except ValueError as error:
        parser.error(str(error))
    with corpus.truth.open(encoding="utf-8") as lines:
        truths = [json.loads(line) for line in lines]
    pairs = sum(len(truth["pairs"]) for truth in truths)
    instructional = sum(truth["instructional"] for truth in truths)
    files = Counter(truth["warc_file"] for truth in truths)
    print(f"{corpus.folder}: {len(truths)} records in {len(files)} WARC files, manifest {corpus.manifest.name}")
    print(f"{instructional} instructional pages with {pairs} pairs, on {len({t['site'] for t in truths})} sites")
    print(
        f"{sum(bool(t['planted']) for t in truths)} pages with benchmark items, "
        f"{sum(t['orders'] is not None for t in truths)} with orders to a language model, "
        f"{sum(t['damage'] is not None for t in truths)} damaged records"
    )


if __name__ == "__main__":
    main()
