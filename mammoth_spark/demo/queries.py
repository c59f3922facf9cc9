"""The queries worth trying on the demo's lake, each with what it shows; `make demo` ends with them."""

import argparse

from mammoth_spark import config
from mammoth_spark.console import sql

QUERIES = (
    (
        "Sites by recalled pages, and how sure the classifier was of them (without LIMIT its mistakes stand below)",
        "SELECT root_url, count(*) AS pages, avg(score) AS mean_score, min(title) AS a_title"
        " FROM recalled_pages GROUP BY root_url ORDER BY pages DESC LIMIT 10",
    ),
    (
        "What became of each WARC file: responses in, kept, and the rest by reason; damage that was read past",
        "SELECT split_part(warc_file, '/', 6) AS file, responses, kept, skipped, damage FROM warc_files ORDER BY file",
    ),
    (
        "The classifier on sites it was not trained on, and what it learnt from",
        "SELECT round, precision, recall, auc, loss, train_pages, held_out_pages FROM recall_models",
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description="Runs the queries worth trying on the demo's lake.")
    parser.add_argument("--conf", default="conf/demo.yaml", metavar="RUN.yaml")
    lake = config.load(parser.parse_args().conf).lake
    for meaning, query in QUERIES:
        print(f'\n{meaning}\n\n  make sql Q="{query}"\n')
        sql.run(lake, query)


if __name__ == "__main__":
    main()
