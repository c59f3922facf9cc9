"""Every table of a lake, in pipeline order: reading this module is reading the data flow.

A table is declared once here: its columns with a comment each, its key, what it is clustered by and which job
writes it. `Lake` gives a table its address (a folder or a catalog and schema), creates it with those comments and
reads or writes it. Rows carry `round` and `wave`: a stage's run is cut into numbered waves (`stage.py`).
"""

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, DataFrameWriter, SparkSession
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import (
    ArrayType,
    BinaryType,
    BooleanType,
    DataType,
    DoubleType,
    IntegerType,
    LongType,
    MapType,
    StringType,
    StructField,
    StructType,
    TimestampType,
)

from mammoth_spark import config
from mammoth_spark.web.storage import absolute

_CREATE_ATTEMPTS = 6
_MET_ANOTHER = re.compile("Concurrent|ProtocolChanged|MetadataChanged|ALREADY_EXISTS|already exists")

_TEXT, _WHOLE, _SMALL, _REAL = StringType(), LongType(), IntegerType(), DoubleType()
_FLAG, _BYTES, _TIME = BooleanType(), BinaryType(), TimestampType()
_TEXTS, _NUMBERS = ArrayType(_TEXT), ArrayType(_SMALL)
_COUNTS = MapType(_TEXT, _WHOLE)
_SPAN = StructType([StructField("begin", _WHOLE), StructField("end", _WHOLE)])
_MARKED_ANSWERS = ArrayType(
    StructType([StructField("text", _TEXT), StructField("is_accepted", _FLAG), StructField("votes", _SMALL)])
)
_MARKED_QUESTIONS = ArrayType(
    StructType(
        [
            StructField("rule", _TEXT),
            StructField("question", _TEXT),
            StructField("choices", _TEXTS),
            StructField("answers", _MARKED_ANSWERS),
        ]
    )
)
_TAGGED = ArrayType(StructType([StructField("sentence", _TEXT), StructField("tag", _TEXT)]))
_MESSAGES = ArrayType(StructType([StructField("role", _TEXT), StructField("content", _TEXT)]))


@dataclass(frozen=True)
class Column:
    name: str
    type: DataType
    comment: str


@dataclass(frozen=True, eq=False)
class Table:
    name: str
    comment: str
    written_by: str
    key: tuple[str, ...]
    cluster_by: tuple[str, ...]
    columns: tuple[Column, ...]

    @functools.cached_property
    def schema(self) -> StructType:
        return StructType([StructField(c.name, c.type, c.name not in self.key) for c in self.columns])

    @functools.cached_property
    def arrow_schema(self) -> pa.Schema:
        """What a `mapInArrow` function yields for this table."""
        return to_arrow_schema(self.schema)


_ROUND = Column("round", _SMALL, "Round of recall, from 1")
_WAVE = Column("wave", _SMALL, "Wave of the stage's run that wrote the row")
_RUN = Column("run", _TEXT, "Name of the run, from the run file")

# Where a page came from; every row of the lake can be followed back to these.
_ANCESTRY = (
    Column("warc_file", _TEXT, "WARC file, as its manifest names it"),
    Column("warc_offset", _WHOLE, "First byte of the record in the WARC file"),
    Column("warc_length", _WHOLE, "Bytes of the record in the WARC file"),
    Column("url", _TEXT, "Address of the page"),
    Column("root_url", _TEXT, "Site: registered domain, or the host where people share one (name.github.io)"),
)

SEED_PAGES = Table(
    name="seed_pages",
    comment="A labelled page from which a round's classifier learns",
    written_by="collect_seeds",
    key=("round", "warc_file", "warc_offset", "url"),
    cluster_by=("round", "root_url"),
    columns=(
        _ROUND,
        _WAVE,
        *_ANCESTRY,
        Column("label", _TEXT, "positive or negative"),
        Column("source", _TEXT, "How the label is known: site_list, crawl, selected_site, rejected_site, random"),
        Column("language", _TEXT, "Language of the words, ISO 639-1, or unknown"),
        Column("words", _WHOLE, "Number of words"),
        Column("text", _TEXT, "The page's words as the classifier reads them"),
    ),
)

RECALL_MODELS = Table(
    name="recall_models",
    comment="A trained recall classifier and how well it does on sites it has not seen",
    written_by="train_recall",
    key=("round", "sha256"),
    cluster_by=("round",),
    columns=(
        _ROUND,
        _WAVE,
        _RUN,
        Column("trained_at", _TIME, "When the training ended"),
        Column("path", _TEXT, "fastText model file, within the lake's folder of files"),
        Column("sha256", _TEXT, "SHA-256 of the model file; another file under this path is refused"),
        Column("settings", MapType(_TEXT, _TEXT), "Training settings"),
        Column("train_pages", _COUNTS, "Pages trained on, by label"),
        Column("held_out_sites", _TEXTS, "Sites on whose pages the model was measured"),
        Column("held_out_pages", _COUNTS, "Pages it was measured on, by label"),
        Column("loss", _REAL, "Mean loss over the training pages"),
        Column("precision", _REAL, "Held-out precision at score 0.5"),
        Column("recall", _REAL, "Held-out recall at score 0.5"),
        Column("auc", _REAL, "Held-out area under the ROC curve"),
        Column("positive_histogram", _NUMBERS, "Held-out positive pages in twenty bins of the score"),
        Column("negative_histogram", _NUMBERS, "Held-out negative pages in twenty bins of the score"),
    ),
)

INDEX_PLACES = Table(
    name="index_places",
    comment="Where the URL index says that a page of a selected site lies",
    written_by="find_places",
    key=("round", "warc_file", "warc_offset", "url"),
    cluster_by=("round", "warc_file"),
    columns=(
        _ROUND,
        _WAVE,
        Column("warc_file", _TEXT, "WARC file, as the index names it"),
        Column("warc_offset", _WHOLE, "First byte of the record in the WARC file"),
        Column("warc_length", _WHOLE, "Bytes of the record in the WARC file"),
        Column("url", _TEXT, "Address of the page"),
    ),
)

WARC_FILES = Table(
    name="warc_files",
    comment="A WARC file of a round, read or failed, and what became of each response in it",
    written_by="recall_pages",
    key=("round", "warc_file"),
    cluster_by=("round", "wave"),
    columns=(
        _ROUND,
        _WAVE,
        Column("warc_file", _TEXT, "WARC file, as its manifest names it"),
        Column("status", _TEXT, "done or failed"),
        Column("reason", _TEXT, "Why it failed, in one line"),
        Column("records", _WHOLE, "WARC records of any type"),
        Column("responses", _WHOLE, "Response records: pages in; equals kept plus the sum of skipped"),
        Column("scored", _WHOLE, "Pages given a score"),
        Column("kept", _WHOLE, "Pages over the floor score, written to recalled_pages"),
        Column("skipped", _COUNTS, "Responses not kept, by reason"),
        Column("damage", _COUNTS, "Damaged places of the file, by kind; reading went on behind each"),
        Column("score_histogram", _NUMBERS, "Scored pages in twenty bins of the score"),
        Column("bytes", _WHOLE, "Size of the WARC file as stored"),
        Column("read_seconds", _REAL, "Time spent reading and inflating records"),
        Column("text_seconds", _REAL, "Time spent decoding and parsing pages to words"),
        Column("score_seconds", _REAL, "Time spent scoring"),
        Column("seconds", _REAL, "Time from opening the file to its last record"),
        Column("model_sha256", _TEXT, "Classifier that scored it"),
    ),
)

RECALLED_PAGES = Table(
    name="recalled_pages",
    comment="A page whose score is at least the floor",
    written_by="recall_pages",
    key=("round", "warc_file", "warc_offset", "url"),
    cluster_by=("round", "root_url"),
    columns=(
        _ROUND,
        _WAVE,
        *_ANCESTRY,
        Column("prefix", _TEXT, "Part of the site, as example.org/questions/*; empty for a page in no folder"),
        Column("score", _REAL, "Probability by the round's classifier that the page holds questions and answers"),
        Column("language", _TEXT, "Language of the words, ISO 639-1, or unknown"),
        Column("words", _WHOLE, "Number of words"),
        Column("title", _TEXT, "Content of the title element"),
        Column("question", _TEXT, "First question on the page"),
        Column("fetched_at", _TIME, "When the crawler fetched the page"),
        Column("charset", _TEXT, "Charset by which the page was decoded"),
        Column("robots_tag", _TEXT, "X-Robots-Tag of the response: what its owner lets robots do"),
        Column("html", _BYTES, "The page's bytes, transfer and content encoding removed"),
    ),
)

SITES = Table(
    name="sites",
    comment="A site of a round: what was recalled from it, and whether it was chosen",
    written_by="group_sites, select_sites",
    key=("round", "root_url", "prefix"),
    cluster_by=("round", "root_url"),
    columns=(
        _ROUND,
        _WAVE,
        Column("root_url", _TEXT, "Site"),
        Column("prefix", _TEXT, "Part of the site, as example.org/questions/*, or * for the whole site"),
        Column("pages", _WHOLE, "Recalled pages"),
        Column("mean_score", _REAL, "Mean score of its pages"),
        Column("score_quantiles", ArrayType(_REAL), "Minimum, quartiles and maximum of the score"),
        Column("languages", _COUNTS, "Pages by language"),
        Column("sample_titles", _TEXTS, "Titles of pages chosen by hash"),
        Column("sample_questions", _TEXTS, "First questions of the same pages"),
        Column("verdict", _TEXT, "selected, rejected or open"),
        Column("reason", _TEXT, "Why"),
        Column("decided_by", _TEXT, "A model's name, or person"),
        Column("call", _TEXT, "Fingerprint of the call that decided, in llm_calls"),
    ),
)

DOCUMENTS = Table(
    name="documents",
    comment="A page as clean Markdown, with its mathematics, code and lists",
    written_by="clean_pages",
    key=("round", "document"),
    cluster_by=("round", "root_url"),
    columns=(
        _ROUND,
        _WAVE,
        Column("document", _TEXT, "Hash of file, offset and address of its page: the document's name"),
        *_ANCESTRY,
        Column("score", _REAL, "Recall score of the page"),
        Column("language", _TEXT, "Language of the text"),
        Column("title", _TEXT, "Title of the page"),
        Column("text", _TEXT, "Markdown, formulas as TeX"),
        Column("words", _WHOLE, "Number of words"),
        Column("words_hash", _TEXT, "Hash of the words without case and marks: equal in exact duplicates"),
        Column("questions", _MARKED_QUESTIONS, "Questions that the page marks as such, with the rule that found them"),
        Column("removed", _COUNTS, "What was taken out, by kind"),
    ),
)

BENCHMARK_ITEMS = Table(
    name="benchmark_items",
    comment="An item of a benchmark that must not be found in what is published",
    written_by="decontaminate",
    key=("round", "benchmark", "item"),
    cluster_by=("benchmark",),
    columns=(
        _ROUND,
        _WAVE,
        Column("benchmark", _TEXT, "Benchmark"),
        Column("item", _TEXT, "Its item"),
        Column("question", _TEXT, "Question"),
        Column("answer", _TEXT, "Answer; of a multiple choice the right one's text"),
        Column("choices", _TEXTS, "Options of a multiple choice"),
    ),
)

BENCHMARK_NGRAMS = Table(
    name="benchmark_ngrams",
    comment="Words in a row of a benchmark's item, by which it is found",
    written_by="decontaminate",
    key=("round", "benchmark", "item", "part", "ngram"),
    cluster_by=("hash",),
    columns=(
        _ROUND,
        _WAVE,
        Column("benchmark", _TEXT, "Benchmark"),
        Column("item", _TEXT, "Its item"),
        Column("part", _TEXT, "question or answer"),
        Column("hash", _WHOLE, "Hash of the words"),
        Column("word_count", _SMALL, "Number of words"),
        Column("ngram", _TEXT, "The words, without case and marks"),
    ),
)

CONTAMINATION = Table(
    name="contamination",
    comment="A benchmark's text found in a document, pair or instruction",
    written_by="decontaminate, judge_rewordings, decontaminate_pairs",
    key=("round", "found_in", "id", "benchmark", "item", "part"),
    cluster_by=("benchmark", "item"),
    columns=(
        _ROUND,
        _WAVE,
        Column("stage", _TEXT, "Stage that found it"),
        Column("found_in", _TEXT, "Table that holds the text"),
        Column("id", _TEXT, "Row of that table"),
        Column("url", _TEXT, "Page from which the text came"),
        Column("benchmark", _TEXT, "Benchmark"),
        Column("item", _TEXT, "Its item"),
        Column("part", _TEXT, "question or answer; or question, reworded, as a model has judged"),
        Column("ngram", _TEXT, "The first words that match; of a rewording the question as it stands on the page"),
        Column("place", _WHOLE, "Word of the text where they begin"),
        Column("ngrams", _WHOLE, "How many n-grams of the item stand in the text; 0 of a rewording"),
    ),
)

LLM_REQUESTS = Table(
    name="llm_requests",
    comment="What a stage still wants to ask; replaced whenever it starts",
    written_by="every stage that asks a model",
    key=("stage", "fingerprint"),
    cluster_by=("stage", "bucket"),
    columns=(
        Column("stage", _TEXT, "Stage that asks"),
        Column("fingerprint", _TEXT, "SHA-256 of stage, prompt version, model, sampling settings, form and messages"),
        Column("bucket", _SMALL, "Part of the fingerprints that it belongs to; a wave asks some buckets"),
        Column("slots", MapType(_TEXT, _TEXT), "What goes into the prompt's slots"),
    ),
)

LLM_CALLS = Table(
    name="llm_calls",
    comment="A paid request to a language model and its reply",
    written_by="every stage that asks a model",
    key=("fingerprint", "round", "wave"),
    cluster_by=("stage", "fingerprint"),
    columns=(
        Column("fingerprint", _TEXT, "SHA-256 of stage, prompt version, model, sampling settings, form and messages"),
        Column("stage", _TEXT, "Stage that asked"),
        _ROUND,
        _WAVE,
        Column("prompt_version", _TEXT, "Hash of the prompt's file"),
        Column("asked_model", _TEXT, "Model as the run file names it"),
        Column("model", _TEXT, "Model as the endpoint names it"),
        Column(
            "status", _TEXT, "ok, void or dead; open if the stage stopped before it was answered, to be asked again"
        ),
        Column("reason", _TEXT, "Why it is dead, or open"),
        Column("reply", _TEXT, "The reply's text"),
        Column("prompt_tokens", _WHOLE, "Tokens in, as the endpoint counts"),
        Column("reply_tokens", _WHOLE, "Tokens out"),
        Column("cost", _REAL, "Price by the run file"),
        Column("attempts", _SMALL, "Requests sent for it"),
        Column("faults", _COUNTS, "Of them those that gave no usable reply, by reason"),
        Column("deaths", _SMALL, "Tasks that died while it was in flight: so many replies may have been paid and lost"),
        Column("seconds", _REAL, "Time of the last request"),
        Column("asked_at", _TIME, "When the last request was sent"),
    ),
)

VOID_MODELS = Table(
    name="void_models",
    comment="A classifier that has learnt from the calls' answers which passages hold no pair",
    written_by="extract_pairs",
    key=("round", "sha256"),
    cluster_by=("round",),
    columns=(
        _ROUND,
        _WAVE,
        Column("path", _TEXT, "fastText model file, within the lake's folder of files"),
        Column("sha256", _TEXT, "SHA-256 of the model file; another file under this path is refused"),
        Column("asked_model", _TEXT, "Model whose answers it has learnt from"),
        Column("threshold", _REAL, "Passages that score less are not asked about"),
        Column("passages", _COUNTS, "Passages of the sample: positive with a pair, negative void"),
        Column("pairs", _WHOLE, "Pairs that the model claimed in the sample"),
        Column("lost_share", _REAL, "Share of them in passages that it would have passed over"),
        Column("saved_share", _REAL, "Share of the sample that it would have passed over"),
        Column("precision", _REAL, "Void passages / passages that it would have passed over"),
        Column("recall", _REAL, "Void passages that it would have passed over / void passages"),
        Column("auc", _REAL, "Area under the ROC curve"),
    ),
)

EXTRACTED_PAIRS = Table(
    name="extracted_pairs",
    comment="A question and its answer as they stand on a page",
    written_by="extract_pairs",
    key=("round", "pair"),
    cluster_by=("round", "document"),
    columns=(
        _ROUND,
        _WAVE,
        Column("pair", _TEXT, "Hash of document and of the places of question and answer: the pair's name"),
        Column("document", _TEXT, "Document that holds it"),
        Column("question", _TEXT, "Question, as on the page"),
        Column("choices", _TEXTS, "Options of a multiple choice"),
        Column("answer", _TEXT, "Answer, as on the page"),
        Column("question_span", _SPAN, "Where the question stands in the document"),
        Column("answer_span", _SPAN, "Where the answer stands in the document"),
        Column("grounding", _REAL, "Share of question and answer found in the document"),
        Column("rule", _TEXT, "Rule by which the page's own marks gave it, without a call"),
        Column("call", _TEXT, "Fingerprint of the call that found it, in llm_calls"),
    ),
)

REFINED_PAIRS = Table(
    name="refined_pairs",
    comment="A pair as one model refined it, and how it stands to the pair it came from",
    written_by="refine_pairs",
    key=("round", "pair", "model"),
    cluster_by=("round", "pair"),
    columns=(
        _ROUND,
        _WAVE,
        Column("pair", _TEXT, "Extracted pair"),
        Column("model", _TEXT, "Model that refined it"),
        Column("question", _TEXT, "Refined question"),
        Column("solution", _TEXT, "Reasoning and answer"),
        Column("final_answer", _TEXT, "The answer alone"),
        Column("changes", _TEXTS, "What the model says it changed"),
        Column("checks", MapType(_TEXT, _TEXT), "Result of each check: same, or what it found"),
        Column("sentences", _TAGGED, "Each sentence of it: copied from the page, reworded or added"),
        Column("program", _TEXT, "Whether a program of the question comes to the answer: equal, or not_equal"),
        Column("agreement", _TEXT, "gold, alone, upheld, overruled or disagree, over the models"),
        Column("passed", _FLAG, "Whether it may be published: all checks are the same, and no model disagrees"),
        Column("call", _TEXT, "Fingerprint of the call, in llm_calls"),
    ),
)

PREFERENCES = Table(
    name="preferences",
    comment="Two answers to one question where the refining models differ",
    written_by="refine_pairs",
    key=("round", "pair"),
    cluster_by=("round", "pair"),
    columns=(
        _ROUND,
        _WAVE,
        Column("pair", _TEXT, "Extracted pair"),
        Column("question", _TEXT, "Question"),
        Column("chosen", _TEXT, "The better answer"),
        Column("rejected", _TEXT, "The other"),
        Column("reason", _TEXT, "Why"),
    ),
)

QUESTION_CLUSTERS = Table(
    name="question_clusters",
    comment="Which pair stands for all whose questions are almost the same",
    written_by="publish_dataset",
    key=("round", "pair"),
    cluster_by=("round", "pair"),
    columns=(
        _ROUND,
        _WAVE,
        Column("pair", _TEXT, "Extracted pair with a refinement that has passed"),
        Column("cluster", _TEXT, "The cluster's name: of its pairs the one that is published"),
        Column("cluster_size", _WHOLE, "Pairs in it"),
        Column("cluster_sites", _WHOLE, "Sites on which they stand"),
        Column("cluster_agrees", _FLAG, "Whether all of them come to the same answer"),
    ),
)

INSTRUCTIONS = Table(
    name="instructions",
    comment="A training sample with its whole ancestry",
    written_by="publish_dataset",
    key=("round", "id"),
    cluster_by=("round", "subject", "root_url"),
    columns=(
        Column("id", _TEXT, "Hash of the messages: the sample's name"),
        _ROUND,
        _WAVE,
        Column("messages", _MESSAGES, "Chat messages"),
        Column("subject", _TEXT, "math, science or other"),
        Column("kind", _TEXT, "education or forum"),
        Column(
            "tier",
            _TEXT,
            "verifiable: gold, and a program can check the answer; gold: the models agree, or two sites do; plain",
        ),
        Column("final_answer", _TEXT, "The answer alone; of a verifiable one as its checker takes it"),
        Column("answer_kind", _TEXT, "number, choice, expression, yes_no or list; none where no program can check it"),
        Column("checker", _TEXT, "Function that compares an answer with it"),
        Column("choices", _TEXTS, "Options of a multiple choice"),
        Column("cluster", _TEXT, "Cluster of near-duplicate questions, by the pair of it that is published"),
        Column("cluster_size", _WHOLE, "Pairs in it"),
        Column("cluster_sites", _WHOLE, "Sites on which they stand"),
        Column("cluster_agrees", _FLAG, "Whether all of them come to the same answer"),
        Column("labels", MapType(_TEXT, _TEXT), "Why it has its subject, its kind and its tier; further labels"),
        Column("pair", _TEXT, "Extracted pair"),
        Column("refined_by", _TEXT, "Model of the refinement, as the run file names it"),
        Column("agreement", _TEXT, "Of the models: gold, alone or upheld"),
        Column("checks", MapType(_TEXT, _TEXT), "Result of each check of the refinement"),
        Column("grounding", _REAL, "Share of question and answer found on the page"),
        Column("document", _TEXT, "Document"),
        *_ANCESTRY,
        Column("score", _REAL, "Recall score of the page"),
        Column("calls", _TEXTS, "Fingerprints of the calls that made it"),
        Column("models", _TEXTS, "Models that made it"),
    ),
)

PACKED_SEQUENCES = Table(
    name="packed_sequences",
    comment="Samples packed to the length that training reads",
    written_by="pack_sequences",
    key=("sequence",),
    cluster_by=("sequence",),
    columns=(
        Column("sequence", _WHOLE, "Number of the sequence"),
        _WAVE,
        Column("tokens", _NUMBERS, "Token ids"),
        Column("positions", _NUMBERS, "Position ids; each sample begins at 0"),
        Column("loss_mask", ArrayType(_FLAG), "Which tokens count for the loss"),
        Column("samples", _TEXTS, "Instructions in it, in order"),
        Column("tokenizer_sha256", _TEXT, "Tokenizer"),
        Column("source_version", _WHOLE, "Delta version of instructions"),
    ),
)

EVALUATIONS = Table(
    name="evaluations",
    comment="A benchmark item answered by a model",
    written_by="evaluate_model",
    key=("model", "benchmark", "item", "method"),
    cluster_by=("model", "benchmark"),
    columns=(
        Column("model", _TEXT, "Model: folder or endpoint"),
        Column("benchmark", _TEXT, "Benchmark"),
        Column("item", _TEXT, "Its item"),
        Column("method", _TEXT, "chain_of_thought or program_of_thought"),
        _WAVE,
        Column("prompt_sha256", _TEXT, "Hash of the prompt"),
        Column("output", _TEXT, "What the model wrote"),
        Column("answer", _TEXT, "Answer read from it"),
        Column("paper_verdict", _FLAG, "Right by the authors' scorer"),
        Column("strict_verdict", _FLAG, "Right by the strict scorer"),
        Column("reason", _TEXT, "Why the strict scorer decided so"),
    ),
)

DROPPED = Table(
    name="dropped",
    comment="A row that a stage refused, and why",
    written_by="every stage",
    key=("stage", "round", "id"),
    cluster_by=("stage", "round"),
    columns=(
        Column("stage", _TEXT, "Stage that refused it"),
        _ROUND,
        _WAVE,
        Column("id", _TEXT, "Row of the stage's input"),
        Column("reason", _TEXT, "Why, in a word that counts group by"),
        Column("detail", _TEXT, "Why, for a reader"),
    ),
)

STAGE_RUNS = Table(
    name="stage_runs",
    comment="A committed wave of a stage's run: what came in, what went out and why the rest did not",
    written_by="every stage",
    key=("stage", "round", "wave"),
    cluster_by=("stage", "round"),
    columns=(
        _RUN,
        Column("stage", _TEXT, "Stage"),
        _ROUND,
        _WAVE,
        Column("started_at", _TIME, "When the wave began"),
        Column("seconds", _REAL, "How long it took"),
        Column("inputs", _WHOLE, "Units of work in the wave, such as WARC files"),
        Column("failed_inputs", _WHOLE, "Those of them that failed and will be tried again by the next run"),
        Column("rows_in", _WHOLE, "Rows read; equals rows_out plus the sum of dropped"),
        Column("rows_out", _WHOLE, "Rows written"),
        Column("dropped", _COUNTS, "Rows not written, by reason"),
        Column("tokens", _WHOLE, "Tokens paid"),
        Column("cost", _REAL, "Money paid"),
        Column("figures", MapType(_TEXT, _REAL), "What the run measured of its own quality, such as canaries found"),
        Column("versions", MapType(_TEXT, _TEXT), "Versions of the suite, Spark, Python and what else decides"),
        Column("settings_sha256", _TEXT, "Hash of the settings and inputs that decide the stage's rows"),
    ),
)

LEASES = Table(
    name="leases",
    comment="Which run is at work on a stage: by the row of its latest turn",
    written_by="every stage",
    key=("stage", "turn"),
    cluster_by=(),
    columns=(
        Column("stage", _TEXT, "Stage"),
        Column("turn", _WHOLE, "Counts each change; two runs cannot take the same turn"),
        Column("holder", _TEXT, "Random name of the run that holds it"),
        _RUN,
        Column("host", _TEXT, "Host of its driver"),
        Column("process_space", _TEXT, "Boot and process namespace in which the process has its number"),
        Column("process", _WHOLE, "Process of its driver"),
        Column("process_started", _WHOLE, "Start time of that process, as the kernel counts"),
        Column("expires_at", _TIME, "When it may be taken over if it is not renewed"),
    ),
)

TABLES = (
    SEED_PAGES,
    RECALL_MODELS,
    INDEX_PLACES,
    WARC_FILES,
    RECALLED_PAGES,
    SITES,
    DOCUMENTS,
    BENCHMARK_ITEMS,
    BENCHMARK_NGRAMS,
    CONTAMINATION,
    LLM_REQUESTS,
    LLM_CALLS,
    VOID_MODELS,
    EXTRACTED_PAIRS,
    REFINED_PAIRS,
    PREFERENCES,
    QUESTION_CLUSTERS,
    INSTRUCTIONS,
    PACKED_SEQUENCES,
    EVALUATIONS,
    DROPPED,
    STAGE_RUNS,
    LEASES,
)


class Lake:
    """Addresses, creates, reads and writes the tables of one lake."""

    def __init__(self, spark: SparkSession, settings: config.Lake) -> None:
        self._spark = spark
        self._settings = settings
        # Delta takes a relative path for the name of a schema.
        self._folder = None if settings.path is None else absolute(settings.path.rstrip("/"))

    def address(self, table: Table) -> str:
        """The table's name in SQL."""
        if self._folder is None:
            return f"`{self._settings.catalog}`.`{self._settings.schema_name}`.`{table.name}`"
        return f"delta.`{self._folder.replace('`', '``')}/{table.name}`"

    @property
    def files_folder(self) -> str:
        """Where models and journals lie."""
        return absolute(self._settings.files_folder)

    def create(self, *tables: Table) -> None:
        """Creates what is not there; refuses a table that another version of the suite made differently."""
        for table in tables:
            self._create(table)
            found = set(self.read(table).columns)
            lacking = [column for column in table.schema.names if column not in found]
            if lacking:
                raise ValueError(
                    f"{self.address(table)} was made by another version of the suite: it has no {', '.join(lacking)};"
                    " use another lake, or add the columns by ALTER TABLE"
                )

    def _create(self, table: Table) -> None:
        for attempt in range(_CREATE_ATTEMPTS):
            try:
                self._spark.sql(create_statement(table, self.address(table)))
                return
            except Exception as error:
                # Two runs that begin on a fresh lake at once create a table together; it is there for the next try.
                if attempt == _CREATE_ATTEMPTS - 1 or not _MET_ANOTHER.search(f"{type(error).__name__} {error}"):
                    raise

    def read(self, table: Table) -> DataFrame:
        return self._spark.table(self.address(table))

    def rows(self, table: Table, *rows: tuple[object, ...]) -> DataFrame:
        """A few rows of the driver's own. By Arrow: from Python objects a Python worker would have to make them."""
        columns = dict(zip(table.schema.names, map(list, zip(*rows, strict=True)), strict=True))
        return self._spark.createDataFrame(pa.Table.from_pydict(columns, table.arrow_schema), table.schema)

    def frame(self, rows: pa.Table) -> DataFrame:
        """Rows that the driver holds."""
        return self._spark.createDataFrame(rows)

    def append(self, rows: DataFrame, table: Table, **options: str) -> None:
        self._save(rows.select(*table.schema.names).write.mode("append").options(**options), table)

    def replace(self, rows: DataFrame, table: Table, where: str, **options: str) -> None:
        """Puts `rows` in place of those that match, in one commit: written twice, they stand once."""
        writer = rows.select(*table.schema.names).write.mode("overwrite").option("replaceWhere", where)
        self._save(writer.options(**options), table)

    def put(self, rows: DataFrame, table: Table, where: str, **options: str) -> None:
        """As `replace`. To replace none takes five times as long as to append."""
        if self.read(table).where(where).isEmpty():
            self.append(rows, table, **options)
        else:
            self.replace(rows, table, where, **options)

    def _save(self, writer: DataFrameWriter, table: Table) -> None:
        writer = writer.format("delta")
        if self._folder is None:
            writer.saveAsTable(self.address(table))
        else:
            writer.save(f"{self._folder}/{table.name}")

    def update(self, table: Table, values: Mapping[str, str], where: str) -> None:
        assignments = ", ".join(f"{column} = {value}" for column, value in values.items())
        self._spark.sql(f"UPDATE {self.address(table)} SET {assignments} WHERE {where}")  # noqa: S608 (of our own)

    def merge(self, rows: DataFrame, table: Table, on: Sequence[str], when: str = "true") -> None:
        """Sets the other columns of `rows` in the table's rows with the same key, where `when` holds of those."""
        values = [name for name in rows.columns if name not in on]
        self._spark.sql(
            f"MERGE INTO {self.address(table)} AS mine USING {{rows}} AS new"
            f" ON {' AND '.join(f'mine.{name} = new.{name}' for name in on)}"
            f" WHEN MATCHED AND {when} THEN UPDATE SET {', '.join(f'mine.{name} = new.{name}' for name in values)}",
            rows=rows,
        )

    def remove(self, rows: DataFrame, table: Table, on: Sequence[str]) -> None:
        """Deletes the table's rows that have the keys of these."""
        self._spark.sql(
            f"MERGE INTO {self.address(table)} AS mine USING {{rows}} AS gone"
            f" ON {' AND '.join(f'mine.{name} = gone.{name}' for name in on)} WHEN MATCHED THEN DELETE",
            rows=rows.select(*on).distinct(),
        )

    def delete(self, table: Table, where: str) -> None:
        self._spark.sql(f"DELETE FROM {self.address(table)} WHERE {where}")  # noqa: S608 (only conditions of our own)

    def version(self, table: Table) -> int:
        commit = self._spark.sql(f"DESCRIBE HISTORY {self.address(table)} LIMIT 1").head()
        assert commit is not None, "a table has at least the commit that created it"
        return int(commit["version"])


def create_statement(table: Table, address: str) -> str:
    columns = ",\n".join(
        f"  `{field.name}` {field.dataType.simpleString()}{'' if field.nullable else ' NOT NULL'}"
        f" COMMENT {quoted(column.comment)}"
        for field, column in zip(table.schema, table.columns, strict=True)
    )
    clustering = f"\nCLUSTER BY ({', '.join(table.cluster_by)})" if table.cluster_by else ""
    return (
        f"CREATE TABLE IF NOT EXISTS {address} (\n{columns}\n) USING delta{clustering}\nCOMMENT {quoted(table.comment)}"
    )


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
