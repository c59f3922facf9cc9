"""datatrove in the benchmark of the decontamination: its filter, document by document.

Its indexer wants lighteval, only to fetch benchmarks; so the hashes are made here, of the same functions.
"""

import json
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.decont.n_grams import NGramsDecontConfig, NGramsDecontFilter
from datatrove.utils.text import ngrams, simplify_text


def main() -> None:
    order = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    config = NGramsDecontConfig(n_grams=order["ngram"], find_query_ngrams=True, find_overlap_ngrams=False)
    chosen = NGramsDecontFilter(".", config=config)
    chosen._index_hashes = {}
    for item in order["items"]:
        for text in item:
            words = chosen.tokenizer.word_tokenize(simplify_text(text, config.norm_config))
            for ngram in ngrams(words, config.n_grams):
                chosen._index_hashes[chosen.hash_func(" ".join(ngram))] = "bench"
    documents = [Document(text=text, id=str(number)) for number, text in enumerate(order["texts"])]
    chosen.filter(Document(text=order["texts"][0], id="first"))
    began = time.perf_counter()
    found = sum(chosen.filter(document) is not True for document in documents)
    print(json.dumps({"seconds": time.perf_counter() - began, "documents": len(documents), "found": found}))


if __name__ == "__main__":
    main()
