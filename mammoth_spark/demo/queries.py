"""The queries worth trying on the demo's lake, each with what it shows; `make demo` ends with them."""

import argparse

from mammoth_spark import config
from mammoth_spark.console import sql

QUERIES = (
    (
        "Sites of the last round by recalled pages, how sure the classifier was of them, and what was decided",
        "SELECT root_url, pages, mean_score, verdict, reason FROM sites"
        " WHERE round = (SELECT max(round) FROM sites) AND prefix = '*' ORDER BY pages DESC, root_url LIMIT 10",
    ),
    (
        "What became of each WARC file: responses in, kept, and the rest by reason; damage that was read past",
        "SELECT split_part(warc_file, '/', 6) AS file, responses, kept, skipped, damage FROM warc_files"
        " WHERE round = (SELECT max(round) FROM warc_files) ORDER BY file",
    ),
    (
        "Each round's classifier on sites it was not trained on, and what it learnt from",
        "SELECT round, precision, recall, auc, loss, train_pages, held_out_pages FROM recall_models ORDER BY round",
    ),
    (
        "What the second round won and lost, by site: pages that it alone recalled, and that the first alone did",
        "SELECT root_url, count(*) FILTER (WHERE first_round = 2) AS won, count(*) FILTER (WHERE last_round = 1) AS"
        " lost, count(*) FILTER (WHERE first_round < last_round) AS kept FROM (SELECT root_url, min(round) AS"
        " first_round, max(round) AS last_round FROM recalled_pages GROUP BY root_url, warc_file, warc_offset)"
        " GROUP BY root_url ORDER BY won + lost DESC, root_url LIMIT 10",
    ),
    (
        "Of what the second round lost, the pages of which the first was surest",
        "SELECT root_url, score, title FROM recalled_pages a WHERE round = 1 AND NOT EXISTS (SELECT 1 FROM"
        " recalled_pages b WHERE b.round = 2 AND b.warc_file = a.warc_file AND b.warc_offset = a.warc_offset)"
        " ORDER BY score DESC, url LIMIT 5",
    ),
    (
        "Documents by the first rule that found questions in them: those need no model to become pairs",
        "SELECT coalesce(questions[1]['rule'], '(none)') AS rule, count(*) AS documents,"
        " sum(array_length(questions)) AS questions,"
        " round(avg(words)) AS words FROM documents GROUP BY 1 ORDER BY documents DESC, rule",
    ),
    (
        "Pairs by where they come from: marks of the page, or a model's call; how much of them stands on their page",
        "SELECT coalesce(rule, '(a model)') AS found_by, count(*) AS pairs, min(grounding) AS least_grounding,"
        " round(avg(grounding), 3) AS mean FROM extracted_pairs GROUP BY 1 ORDER BY pairs DESC, found_by",
    ),
    (
        "Refinements by model: agreed, passed, and with a changed answer that is marked as such",
        "SELECT model, count(*) AS refined, count(*) FILTER (WHERE agreement = 'gold') AS gold, count(*) FILTER"
        " (WHERE passed) AS passed, count(*) FILTER (WHERE checks['answer'] <> 'same') AS answer_changed"
        " FROM refined_pairs GROUP BY model ORDER BY model",
    ),
    (
        "One answer against the other, where the models differ",
        "SELECT left(question, 60) AS question, right(chosen, 30) AS chosen, right(rejected, 30) AS rejected, reason"
        " FROM preferences ORDER BY pair LIMIT 5",
    ),
    (
        "Which benchmark item was found where, and by which words; the document is gone, its page is named",
        "SELECT benchmark, item, part, ngrams, url, ngram FROM contamination ORDER BY ngrams DESC, url, item LIMIT 10",
    ),
    (
        "Why recalled pages are no documents: by stage and reason",
        "SELECT stage, reason, count(*) AS pages, min(detail) AS first_detail FROM dropped"
        " WHERE stage IN ('clean_pages', 'drop_duplicates', 'decontaminate', 'drop_rewordings')"
        " GROUP BY 1, 2 ORDER BY pages DESC",
    ),
    (
        "Why passages, claims and refinements gave no pair",
        "SELECT stage, reason, count(*) AS dropped, min(detail) AS first_detail FROM dropped WHERE stage IN"
        " ('ground_pairs', 'check_refinements', 'decontaminate_pairs') GROUP BY 1, 2 ORDER BY dropped DESC, reason",
    ),
    (
        "How often each check found what it had planted itself",
        "SELECT stage, round, figures FROM stage_runs WHERE cardinality(figures) > 0 ORDER BY stage, round, wave",
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
