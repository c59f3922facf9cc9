"""Documents as `clean_pages` leaves them, for tests of what comes after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile
from mammoth_spark.lake import rows
from mammoth_spark.spark.stage import Counts, opened
from mammoth_spark.spark.tables import DOCUMENTS, EXTRACTED_PAIRS, REFINED_PAIRS, Lake
from mammoth_spark.text import words

MARKED = "# A quiz\n\nWhat is 6 times 7?\n\nThe answer is 42.\n"


def put(spark: SparkSession, run_file: RunFile, texts: Sequence[str], marked: bool = False) -> None:
    """The later, the higher its score. A document is named by its text, which may be a marked question of its page."""
    lake = Lake(spark, run_file.lake)
    with opened(spark, lake, run_file, "clean_pages", "waves of pages", (DOCUMENTS,), "settings") as work:
        values = []
        for number, text in enumerate(texts):
            hash_, count = words.words_hash(text)
            page = ("w", number, 1, f"http://a.example/{number}", "a.example", number / len(texts), "en", "")
            questions = [{"rule": "Q: and A:", "question": text, "choices": [], "answers": []}] if marked else []
            values.append((1, 1, words.name_of(text), *page, text, count, hash_, questions, {}))
        work.commit({DOCUMENTS: lake.rows(DOCUMENTS, *values)}, Counts(1, 0, len(texts), len(texts)))


def put_marked(spark: SparkSession, run_file: RunFile) -> None:
    """A document whose page marks its question, beside those that stand."""
    lake = Lake(spark, run_file.lake)
    answers = [{"text": "The answer is 42.", "is_accepted": True, "votes": None}]
    question = [{"rule": "Q: and A:", "question": "What is 6 times 7?", "choices": [], "answers": answers}]
    page = ("w", 99, 1, "http://a.example/99", "a.example", 0.9, "en", "")
    row = (1, 1, words.name_of(MARKED), *page, MARKED, 12, "hash", question, {})
    lake.append(lake.rows(DOCUMENTS, row), DOCUMENTS)


def texts_left(run_file: RunFile) -> set[str]:
    return {row["text"] for row in rows(run_file.lake, "SELECT text FROM documents")}


@dataclass(frozen=True)
class Standing:
    """A pair as it was extracted and as each model has refined it."""

    question: str
    finals: Mapping[str, str]
    site: str = "a.example"
    choices: Sequence[str] = ()
    agreement: str = "gold"
    passed: bool = True

    @property
    def name(self) -> str:
        return words.name_of(f"{self.site} {self.question}")


def put_refined(spark: SparkSession, run_file: RunFile, pairs: Sequence[Standing]) -> None:
    """The earlier, the higher the score of its page. Each pair has a document of its own."""
    lake = Lake(spark, run_file.lake)
    documents, extracted, refined = [], [], []
    for number, one in enumerate(pairs):
        url = f"http://{one.site}/{number}"
        page = ("w", number, 1, url, one.site, 1 - number / 1000, "en", "")
        hash_, count = words.words_hash(one.question)
        documents.append((1, 1, one.name, *page, one.question, count, hash_, [], {}))
        span = {"begin": 0, "end": 1}
        extracted.append((1, 1, one.name, one.name, one.question, [*one.choices], "yes", span, span, 1.0, None, "c0"))
        for model, final in one.finals.items():
            checks = {"answer": "same" if one.passed else "answer_changed"}
            made = (one.name, model, one.question, f"It is {final}.", final, [], checks, [], None)
            refined.append((1, 1, *made, one.agreement, one.passed, f"call of {model}"))
    for stage, table, values in (
        ("clean_pages", DOCUMENTS, documents),
        ("ground_pairs", EXTRACTED_PAIRS, extracted),
        ("check_refinements", REFINED_PAIRS, refined),
    ):
        with opened(spark, lake, run_file, stage, "rows", (table,), "settings") as work:
            work.commit({table: lake.rows(table, *values)}, Counts(1, 0, len(values), len(values)))
