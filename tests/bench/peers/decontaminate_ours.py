"""Ours in the benchmark of the decontamination: what a task does with a document."""

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

from mammoth_spark.text.contamination import Index, Rule, ngrams_of


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    rule = Rule(order["ngram"])
    hashes: defaultdict[int, set[int]] = defaultdict(set)
    for item in order["items"]:
        for text in item:
            for one in ngrams_of(text, rule):
                hashes[one.length].add(one.hash)
    index, texts = Index(hashes, rule), order["texts"]
    index.found_in(texts[0])
    began = time.perf_counter()
    found = sum(bool(index.found_in(text)) for text in texts)
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(order["more"]):
        for text in texts:
            index.found_in(text)
    print(
        json.dumps(
            {
                "seconds": seconds,
                "more_seconds": time.perf_counter() - began,
                "documents": len(texts),
                "megabytes": sum(len(text.encode()) for text in texts) / 1e6,
                "ngrams": sum(map(len, hashes.values())),
                "found": found,
            }
        )
    )


if __name__ == "__main__":
    main()
