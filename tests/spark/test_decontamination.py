"""documents -> documents without matches: the evidence, the canaries, and what a new benchmark finds in what stands."""

import hashlib
import json
from pathlib import Path
from typing import Any

import decontaminate
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from mammoth_spark import config
from mammoth_spark.config import RunFile
from mammoth_spark.lake import rows
from mammoth_spark.spark import contamination
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.spark.tables import Lake
from mammoth_spark.text import words
from tests.spark.standing import put, texts_left

NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen".split()  # noqa: SIM905
QUESTION = "If a farmer has " + " and ".join(f"{number} sheep" for number in NUMBERS) + ", how many has he?"
ANSWER = "One adds them all up, one by one, and comes to ninety one sheep in the end."
CLEAN = "Nothing of this text is known to any benchmark, as it was written for this page and for no other."


def benchmark(folder: Path, name: str, *items: tuple[str, str]) -> config.Benchmark:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps({"question": asked, "answer": said}) + "\n" for asked, said in items))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return config.Benchmark(name=name, path=str(path), sha256=sha256, question="question", answer="answer")


@pytest.fixture
def run_file(own_lake: config.Lake, tmp_path: Path) -> RunFile:
    crawl = config.Crawl(manifests=["none.gz"], base="/nowhere")
    wanted = config.Decontamination(benchmarks=[benchmark(tmp_path, "first", (QUESTION, ANSWER))], canaries=2)
    return RunFile(run="test", lake=own_lake, crawl=crawl, decontamination=wanted)


def table(run_file: RunFile, sql: str) -> list[dict[str, Any]]:
    return list(rows(run_file.lake, sql))


def test_a_document_with_an_items_words_goes_and_the_evidence_stays_also_for_a_new_benchmark(
    spark: SparkSession, run_file: RunFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_question, with_answer = f"{CLEAN}\n\n{QUESTION.upper()}\n\nAn answer.", f"Somebody said: {ANSWER} Who knows?"
    put(spark, run_file, [CLEAN, with_question, with_answer, f"{CLEAN} And more of it."])
    decontaminate.run(spark, run_file)
    assert texts_left(run_file) == {CLEAN, f"{CLEAN} And more of it."}
    found = table(run_file, "SELECT id, found_in, benchmark, item, part, ngram, place, ngrams FROM contamination")
    assert {(row["id"], row["part"], row["place"]) for row in found} == {
        (words.name_of(with_question), "question", len(CLEAN.split())),
        (words.name_of(with_answer), "answer", 2),
    }
    assert {(row["found_in"], row["benchmark"], row["item"]) for row in found} == {("documents", "first", "1")}
    assert {row["ngram"].split()[0] for row in found} == {"if", "one"}
    (run,) = table(run_file, "SELECT * FROM stage_runs WHERE stage = 'decontaminate'")
    assert (run["rows_in"], run["rows_out"], dict(run["dropped"])) == (4, 2, {"contaminated": 2})
    figures = dict(run["figures"])
    assert figures.pop("false_hits") == 0
    assert {"recall_verbatim", "recall_rewrapped", "recall_embedded", "recall_answer_only"} <= figures.keys()
    assert set(figures.values()) == {1.0}
    # The same run again finds nothing to do; another benchmark looks at what stands.
    decontaminate.run(spark, run_file)
    assert len(table(run_file, "SELECT * FROM stage_runs WHERE stage = 'decontaminate'")) == 1
    newer = benchmark(tmp_path, "newer", (CLEAN, "nothing"))
    both = run_file.decontamination.model_copy(update={"benchmarks": [*run_file.decontamination.benchmarks, newer]})
    decontaminate.run(spark, run_file.model_copy(update={"decontamination": both}))
    assert texts_left(run_file) == set()
    assert len(table(run_file, "SELECT * FROM dropped WHERE stage = 'decontaminate'")) == 4
    assert {row["detail"] for row in table(run_file, "SELECT * FROM dropped WHERE wave = 2")} == {"newer 1"}


@pytest.mark.slow
def test_a_run_killed_before_its_documents_were_taken_out_takes_them_out_when_repeated(
    spark: SparkSession, run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(spark, run_file, [CLEAN, f"{CLEAN} {QUESTION}"])
    removed = Lake.remove

    def killed(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Lake, "remove", killed)
    with pytest.raises(KeyboardInterrupt):
        decontaminate.run(spark, run_file)
    assert len(texts_left(run_file)) == 2
    monkeypatch.setattr(Lake, "remove", removed)
    decontaminate.run(spark, run_file)
    assert texts_left(run_file) == {CLEAN}
    assert len(table(run_file, "SELECT * FROM dropped WHERE stage = 'decontaminate'")) == 1


@pytest.mark.slow
def test_a_check_that_misses_what_was_planted_word_for_word_changes_nothing(
    spark: SparkSession, run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(spark, run_file, [CLEAN, f"{CLEAN} {QUESTION}"])
    # Hashes that no text has: what a change of the n-grams' rule would do to a table that was made before it.
    monkeypatch.setattr(contamination, "ngram_rows", _others(contamination.ngram_rows))
    with pytest.raises(StageFailed, match=r"only 0\.0% were found"):
        decontaminate.run(spark, run_file)
    assert len(texts_left(run_file)) == 2
    assert not table(run_file, "SELECT * FROM contamination")


def _others(made: Any) -> Any:
    return lambda *arguments: made(*arguments).withColumn("hash", F.col("hash") + 1)


@pytest.mark.slow
def test_an_ngram_that_all_share_gives_few_rows_and_is_told(
    spark: SparkSession, run_file: RunFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    phrase = "which of the following statements is true of the following list of numbers"
    items = [(f"{phrase} {number} {number + 1} and {number + 2}", "none") for number in range(300)]
    wanted = config.Decontamination(
        benchmarks=[benchmark(tmp_path, "many", *items)], canaries=2, common_ngram_documents=40
    )
    run_file = run_file.model_copy(update={"decontamination": wanted})
    put(spark, run_file, [f"Page {number}: {phrase} so {number}" for number in range(50)] + [CLEAN])
    decontaminate.run(spark, run_file)
    assert texts_left(run_file) == {CLEAN}
    assert len(table(run_file, "SELECT * FROM contamination")) == 50 * 3
    assert "in 50 documents, so perhaps a phrase that all use: 'which of the following" in capsys.readouterr().err


def test_without_benchmarks_or_documents_the_user_is_told(spark: SparkSession, run_file: RunFile) -> None:
    with pytest.raises(ValueError, match=r"no pages of round 1 were cleaned; run jobs/clean_pages\.py with round=1"):
        decontaminate.run(spark, run_file)
    empty = run_file.model_copy(update={"decontamination": config.Decontamination()})
    with pytest.raises(ValueError, match=r"decontamination\.benchmarks names none"):
        decontaminate.run(spark, empty)
