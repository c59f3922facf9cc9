"""Measures the demo's lake against the truth of its corpus: the only place that reads the truth.

    python -m mammoth_spark.demo.figures --conf conf/demo.yaml --web build/demo/web --out build/demo/figures.json

`docs/figures.md` explains each name.
"""

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mammoth_spark import config
from mammoth_spark.demo.document_figures import decontamination_figures, document_figures
from mammoth_spark.demo.pair_figures import order_figures, pair_figures, refinement_figures, saving_figures
from mammoth_spark.lake import rows
from mammoth_spark.web import payload
from mammoth_spark.web.storage import join, open_path
from mammoth_spark.web.warc import read_again


def all_figures(truth: Sequence[Mapping[str, Any]], run_file: config.RunFile) -> dict[str, float]:
    """Rounds one after the other, then what is not of a round."""
    lake = run_file.lake
    figures: dict[str, float] = {}
    for round_ in range(1, run_file.round + 1):
        figures |= page_figures(truth, lake, round_) | site_figures(truth, lake, round_)
    figures |= _of_documents(truth, lake, run_file.round) | _of_pairs(truth, lake, run_file.round)
    files = list(rows(lake, "SELECT * FROM warc_files WHERE round = 1"))
    model = next(rows(lake, "SELECT * FROM recall_models WHERE round = 1 ORDER BY trained_at DESC LIMIT 1"))
    seconds = sum(file["seconds"] for file in files)
    return figures | {
        "recall_model_precision": model["precision"],
        "recall_model_recall": model["recall"],
        "recall_model_auc": model["auc"],
        "pages_read": sum(file["responses"] for file in files),
        "pages_kept": sum(file["kept"] for file in files),
        "undamaged_pages_lost": _lost(truth, files),
        "damaged_places": sum(number for file in files for _, number in file["damage"]),
        "rereads_equal": _rereads_equal(run_file),
        "recall_pages_per_s_core": sum(file["responses"] for file in files) / seconds,
    }


def page_figures(truth: Sequence[Mapping[str, Any]], lake: config.Lake, round_: int) -> dict[str, float]:
    """How well a round recalled, on sites whose pages the first classifier has not learnt from."""
    kept = {(page["warc_file"], page["url"]) for page in rows(lake, _KEPT.format(round=round_))}
    unseen = [page for page in truth if not page["seed"] and page["undamaged"]]
    instructional = {(page["warc_file"], page["url"]) for page in unseen if page["instructional"]}
    ordinary = {(page["warc_file"], page["url"]) for page in unseen if not page["instructional"]}
    found, wrong = len(instructional & kept), len(ordinary & kept)
    return {
        f"round{round_}_page_precision": found / max(1, found + wrong),
        f"round{round_}_page_recall": found / len(instructional),
    }


def site_figures(truth: Sequence[Mapping[str, Any]], lake: config.Lake, round_: int) -> dict[str, float]:
    """How well sites were selected, over the same. A good site has an instructional page."""
    unseen = {page["site"] for page in truth if not page["seed"]}
    good = {page["site"] for page in truth if page["instructional"]} & unseen
    selected = {site["root_url"] for site in rows(lake, _SELECTED.format(round=round_))} & unseen
    return {
        f"round{round_}_site_precision": len(selected & good) / max(1, len(selected)),
        f"round{round_}_site_recall": len(selected & good) / len(good),
    }


def _of_documents(truth: Sequence[Mapping[str, Any]], lake: config.Lake, round_: int) -> dict[str, float]:
    where = f"WHERE round = {round_}"
    documents = list(rows(lake, f"SELECT document, url, text FROM documents {where}"))  # noqa: S608 (of our own)
    matches = list(rows(lake, f"SELECT DISTINCT stage, id FROM contamination {where} AND found_in = 'documents'"))  # noqa: S608
    found = {row["id"] for row in matches if row["stage"] == "decontaminate"}
    reworded = {row["id"] for row in matches} - found
    standing = {row["document"] for row in documents}
    measured: dict[str, float] = {}
    for stage, prefix in (("decontaminate", "canary"), ("drop_rewordings", "judge")):
        last = f"SELECT figures FROM stage_runs {where} AND stage = '{stage}' ORDER BY wave DESC LIMIT 1"  # noqa: S608
        for run in rows(lake, last):
            measured |= {f"{prefix}_{name}": value for name, value in sorted(dict(run["figures"]).items())}
    return document_figures(truth, documents) | decontamination_figures(truth, standing, found, reworded) | measured


def _of_pairs(truth: Sequence[Mapping[str, Any]], lake: config.Lake, round_: int) -> dict[str, float]:
    where = f"WHERE round = {round_}"
    documents = list(rows(lake, f"SELECT document, url, text FROM documents {where}"))  # noqa: S608 (of our own)
    pairs = list(rows(lake, f"SELECT * FROM extracted_pairs {where}"))  # noqa: S608
    refined = list(rows(lake, f"SELECT * FROM refined_pairs {where}"))  # noqa: S608
    passed_over = [row["id"] for row in rows(lake, f"SELECT id FROM dropped {where} AND reason = 'void_expected'")]  # noqa: S608
    asked = f"SELECT count(*) AS calls FROM llm_calls {where} AND stage = 'extract_pairs'"  # noqa: S608
    calls = next(rows(lake, asked))["calls"]
    found = pair_figures(truth, documents, pairs) | saving_figures(truth, documents, passed_over, calls)
    return found | order_figures(pairs, refined) | refinement_figures(truth, documents, pairs, refined)


_KEPT = "SELECT warc_file, url FROM recalled_pages WHERE round = {round}"
_SELECTED = "SELECT root_url FROM sites WHERE round = {round} AND prefix = '*' AND verdict = 'selected'"


def _lost(truth: Sequence[Mapping[str, Any]], files: Sequence[Mapping[str, Any]]) -> int:
    """Undamaged responses of the corpus that recall did not account for."""
    expected = Counter(page["warc_file"] for page in truth if page["undamaged"])
    read = {file["warc_file"]: file["responses"] for file in files}
    return sum(max(0, pages - read.get(warc_file, 0)) for warc_file, pages in expected.items())


def _rereads_equal(run_file: config.RunFile) -> float:
    """Share of a sample of kept pages whose bytes are found again by their file, offset and length."""
    columns = "warc_file, warc_offset, warc_length, url, html"
    sample = list(rows(run_file.lake, f"SELECT {columns} FROM recalled_pages WHERE round = 1 ORDER BY url LIMIT 100"))  # noqa: S608
    limit = run_file.pages.max_page_mb << 20
    equal = 0
    for page in sample:
        with open_path(join(run_file.crawl.base, page["warc_file"]), run_file.http) as file:
            response = read_again(file, page["warc_offset"], page["warc_length"], page["url"], limit)
        equal += response is not None and page["html"] == payload.page_bytes(response.body, response.headers, limit)
    return equal / len(sample)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures the demo's lake against the truth of its corpus.")
    parser.add_argument("--conf", required=True, metavar="RUN.yaml")
    parser.add_argument("--web", required=True, type=Path, metavar="FOLDER", help="the corpus")
    parser.add_argument("--out", required=True, type=Path, metavar="FIGURES.json")
    arguments = parser.parse_args()
    with (arguments.web / "truth.jsonl").open(encoding="utf-8") as lines:
        truth = [json.loads(line) for line in lines]
    figures = {name: round(value, 4) for name, value in all_figures(truth, config.load(arguments.conf)).items()}
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(f"\nMeasured against the corpus's truth ({arguments.out}; docs/figures.md explains each name)\n")
    for name, value in figures.items():
        print(f"  {name:36}{value:>12,g}")


if __name__ == "__main__":
    main()
