"""The run file: every setting of the suite, typed, with its meaning beside it.

One run is one YAML file in `conf/`. `load` reads it, applies overrides (`section.key=value`) and answers with a
frozen value, or raises a `ValueError` of one line per mistake which names the file, the key and the nearest known
key. It runs before Spark starts, so that a misspelt key costs a second and not a cluster.

Defaults are the paper's values wherever the paper has one ("MAmmoTH2: Scaling Instructions from the Web",
arXiv 2405.03548); `conf/paper.yaml` spells them out, `conf/demo.yaml` makes them small.
"""

import difflib
import functools
import hashlib
import json
import os
import re
import types
from collections.abc import Hashable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args, get_origin
from urllib.parse import unquote, urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(gt=0.0)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,127}$")]


# Shares in a run file are written with few digits.
_ROUNDING = 0.001
# Of figures that decide no row: they are the paper's, beside which a report puts its own.
_PAPERS = Field(exclude=True)


class _ExistingInput:
    """Marks a field that names an input; a local one must be there before a job starts."""


InputPath = Annotated[str, Field(min_length=1), _ExistingInput]


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


class Lake(Section):
    """Where the tables lie: a folder, or a catalog and schema."""

    path: str | None = None
    """Folder of the Delta tables: local, `s3://...` or `dbfs:/Volumes/...`."""
    catalog: Name | None = None
    """Catalog of the tables (Unity Catalog, Glue), instead of a folder."""
    schema_name: Annotated[Name | None, Field(alias="schema")] = None
    """Schema within the catalog."""
    files: str | None = None
    """Folder for what is no table (models, journals). Beside the tables by default; a catalog needs it said."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        by_catalog = self.catalog is not None and self.schema_name is not None
        if (self.path is None) == (not by_catalog) or (self.catalog is None) != (self.schema_name is None):
            raise ValueError("give either path, or catalog and schema")
        if by_catalog and self.files is None:
            raise ValueError("a catalog needs files: a folder for models and journals")
        return self

    @property
    def files_folder(self) -> str:
        return self.files if self.files is not None else f"{str(self.path).rstrip('/')}/_files"


class Spark(Section):
    """Only for a session that the suite starts itself; spark-submit and Databricks bring their own settings."""

    remote: str | None = None
    """Spark Connect address (`sc://host:15002`); none starts or joins an ordinary session."""
    local_cores: Count = 0
    """Cores of a laptop's session; 0 takes all."""
    driver_memory: str = "2g"
    """Memory of a laptop's JVM, which is driver and executor at once."""
    shuffle_partitions: Positive = 4
    """Partitions of a laptop's joins. Spark's 200 cost a small job more than its work."""
    small_tables: bool = False
    """For a laptop's run over some thousand pages: to compile each query costs such a run more than its rows do."""
    event_log: str | None = None
    """Folder for Spark's event log, to look at a finished run with the history server."""


class Stages(Section):
    """How a stage's run is cut, resumed and kept apart from another."""

    max_failed_share: Share = 0.05
    """A stage fails, after keeping all good work, when more than this share of its inputs failed."""
    lease_minutes: Seconds = 5.0
    """A run whose driver is gone is taken over after this time; on the driver's own host at once."""


class Http(Section):
    """Manners towards a web store. Common Crawl's HTTPS host serves a few thousand requests a second for all."""

    user_agent: Annotated[str, Field(min_length=1)] = "mammoth-spark/0.1"
    """Sent with each request. It must hold a contact, an e-mail or web address, before another's server is asked:
    its operator can write before he blocks us."""
    connections: Positive = 2
    """Downloads at once in one worker process; two keep a core busy."""
    connect_timeout_s: Seconds = 10.0
    """A host that does not answer the handshake in this time is down or drops our packets."""
    read_timeout_s: Seconds = 60.0
    """Longest silence within a body, after which it is resumed by range; a busy server needs some seconds."""
    attempts: Positive = 8
    """Requests for one file before it is given up and marked failed."""
    backoff_s: Seconds = 1.0
    """Range of the first pause after a 4xx or 5xx, doubled each time. Full jitter: clients that broke off
    together would otherwise come back together."""
    backoff_cap_s: Seconds = 60.0
    """Longest such range."""
    forbidden_pause_s: Seconds = 300.0
    """Pause after a 403, with which Common Crawl answers while it blocks a client."""
    restarts_per_s: Annotated[float, Field(gt=0.0)] = 1.0
    """Retries from byte 0 in one worker process; Common Crawl asks for one whole-file retry a second at most."""
    plain_http: bool = False
    """Allows `http://` to other hosts than loopback, where anyone on the way can change a file."""


class Crawl(Section):
    """Which WARC files are read."""

    manifests: Annotated[list[InputPath], Field(min_length=1)]
    """Lists of WARC paths, one a line, gzipped or not: local, `https://` or `s3://`."""
    base: Annotated[str, _ExistingInput] = ""
    """Put before each path of a manifest: `s3://commoncrawl`, `https://data.commoncrawl.org` or a folder."""
    limit: Count = 0
    """Read only the first so many WARC files; 0 reads all."""
    files_per_wave: Positive = 640
    """WARC files committed at once: about ten for each core, so that no core waits long for the slowest."""


class Pages(Section):
    """Which responses count as pages, for the classifier's examples and for recall alike."""

    min_words: Count = 20
    """Pages with fewer words are counted as `short`."""
    max_page_mb: Annotated[int, Field(ge=1, le=64)] = 16
    """Larger pages, and payloads that inflate beyond, are counted as `too_large`."""


class Seeds(Section):
    """Where the classifier's examples come from."""

    sites: InputPath | None = None
    """CSV with the columns `site,label` (`positive` or `negative`): sites (`example.org`) and parts of sites
    (`math.example.org/q/*`) whose character is known beforehand. Their pages are looked for in all WARC files."""
    positives: Positive = 100_000
    """Positive pages. Paper: 100K, from exam and quiz sites of many disciplines."""
    negatives: Positive = 100_000
    """Negative pages. Paper: 100K, random pages of Common Crawl. First those of listed sites, from round 2 on those of
    rejected ones; general pages fill what they leave."""
    pages_per_site: Positive = 5_000
    """At most so many pages of one site, so that no site becomes the classifier's idea of a question."""
    random_files: Count = 100
    """WARC files, drawn by hash, from which general pages are taken as negative; 0 takes all."""
    random_share: Share = 0.05
    """Share of the general pages in those files that are looked at, drawn by hash."""
    rejected_share: Share = 0.5
    """From round 2 on, the most of the negatives that may come from rejected sites. The others are general pages."""
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = []
    """Learn only from pages in these languages (ISO 639-1); empty takes all."""


class Visits(Section):
    """The polite crawl of exam and quiz sites, whose pages are positive seeds. `http.user_agent` needs a contact."""

    sites: InputPath | None = None
    """CSV with the columns `start,discipline`: where to begin, a site a line. Without it nothing is crawled."""
    pages: Positive = 500
    """At most so many pages of a site. Addresses that give none count too: at most five for each page are tried."""
    depth: Positive = 4
    """At most so many links away from the start or the sitemap."""
    interval_s: Annotated[float, Field(ge=0.0)] = 1.0
    """Between two requests to a host; more if its robots.txt asks for more."""
    deadline_s: Seconds = 30.0
    """Longest time of one request, redirects included."""
    page_mb: Annotated[int, Field(ge=1, le=64)] = 5
    """A longer page is given up while it is read."""
    connect_to: str | None = None
    """`127.0.0.1:8000`: a server of this machine that is asked instead of every site, for the demo."""


class Classifier(Section):
    """fastText's training. The five values are the paper's, which equal DeepSeekMath's."""

    dim: Positive = 256
    """Length of the word vectors."""
    epoch: Positive = 3
    """Passes over the seed pages."""
    lr: Annotated[float, Field(gt=0.0)] = 0.1
    """Learning rate."""
    word_ngrams: Annotated[int, Field(ge=1, le=5)] = 3
    """Longest n-gram of words with a weight of its own."""
    min_count: Positive = 3
    """Words seen less often have no weight. The paper writes maximum; DeepSeekMath's text says minimum."""
    buckets: Positive = 2_000_000
    """Hash buckets of the n-grams; fastText's default."""
    threads: Annotated[int, Field(ge=11)] = 11
    """fastText 0.9.3 fills its weights in ten equal blocks, one a thread, and what does not divide by ten falls to an
    eleventh: with fewer threads the rest stays whatever the memory held, and training may end in NaN."""
    seed: Count = 1
    """Seed of the sampling and of fastText, whose threads race: two trainings still differ a little."""
    held_out_share: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.1
    """Share of *sites* on which the model is measured; a split by page would flatter it."""


class Recall(Section):
    """Which pages are kept."""

    model: InputPath | None = None
    """A fastText `.bin` to use instead of the newest row of `recall_models`."""
    model_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Its SHA-256: a truncated model still loads and scores every text alike."""
    positive_label: str = "__label__positive"
    """The label for a page worth keeping, of a model that was trained elsewhere."""
    floor_score: Share = 0.5
    """Pages below are counted, not kept. Later stages choose stricter thresholds by the stored score."""
    languages: list[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]] = []
    """Keep only pages in these languages (ISO 639-1); empty keeps all."""
    index: list[InputPath] = []
    """Common Crawl's columnar URL index: Parquet files, folders of them, or lists of paths (`cc-index-table.paths.gz`),
    local, `https://` or `s3://`. With it the rounds after the first read only pages of sites that were selected, record
    by record, instead of all WARC files."""

    @model_validator(mode="after")
    def _hash_with_model(self) -> Self:
        if (self.model is None) != (self.model_sha256 is None):
            raise ValueError("model and model_sha256 go together")
        return self


class Endpoint(Section):
    """A server that speaks chat completions: vLLM, SGLang, OpenAI, Databricks, Bedrock and others."""

    model: str
    """The name by which stages ask for a model. Several endpoints of one name share its load."""
    base_url: str
    """What stands before `/chat/completions`, such as `https://api.openai.com/v1`."""
    served_model: str | None = None
    """The model's name on this server, where it is another one."""
    key_env: Name | None = None
    """Environment variable that holds the key; without one no key is sent."""
    weight: Positive = 1
    """Share of the calls, against the other endpoints of the model."""
    tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """By which the server is told how long a reply may be; OpenAI's newer models want the second."""
    batch: bool = False
    """Sends requests by the server's Batch API: mostly at half the price, and answered within a day."""
    structured: Literal["json_schema", "json_object", "none"] = "json_schema"
    """How the server is told the form of a reply. Whatever it does, each reply is checked."""
    price_in: Annotated[float, Field(ge=0.0)] = 0.0
    """Price of a million prompt tokens, in the currency of `llm.max_cost`."""
    price_out: Annotated[float, Field(ge=0.0)] = 0.0
    """Price of a million reply tokens."""


class Llm(Section):
    """How language models are asked. Limits are those of a whole stage, over all its tasks."""

    endpoints: list[Endpoint] = []
    """The servers."""
    tasks: Positive = 2
    """Tasks that ask at once; not more than the cluster has cores, as waiting tasks leave their share unused."""
    window: Positive = 64
    """Calls in flight."""
    requests_per_minute: Count = 0
    """Most calls a minute; 0 sets no limit."""
    tokens_per_minute: Count = 0
    """Most tokens a minute, prompts and room for replies together; 0 sets no limit."""
    requests_per_wave: Positive = 20_000
    """Requests whose replies are committed at once: some minutes of work."""
    deadline_s: Seconds = 300.0
    """Longest time of one call, from the connection to the last byte."""
    attempts: Positive = 5
    """Calls for one request, when their replies are at fault, before it is dead."""
    patience_s: Seconds = 1800.0
    """How long a server may be busy or away before the stage stops. No request is dead for that, but for one that it
    sends away for so long while it answers others."""
    backoff_s: Seconds = 1.0
    """Range of the first pause before asking again, doubled each time, with full jitter."""
    backoff_cap_s: Seconds = 60.0
    """Longest such range."""
    reply_mb: Positive = 8
    """A longer answer is given up while it is read."""
    flush_calls: Positive = 32
    """Replies that are written to the journal at once. A kill costs at most so many, and the calls in flight."""
    flush_s: Seconds = 5.0
    """Longest time that a reply waits for the journal."""
    max_calls: Count = 0
    """Cap on a stage's calls, give or take those in flight; 0 sets none."""
    max_tokens: Count = 0
    """Cap on a stage's tokens; 0 sets none."""
    max_cost: Annotated[float, Field(ge=0.0)] = 0.0
    """Cap on a stage's money; 0 sets none."""
    ask_dead_again: bool = False
    """Asks once more for what is dead, such as after a server's bad day. To be given on the command line, once."""
    plain_http: bool = False
    """Allows `http://` to other hosts than loopback, where anyone on the way can read the key."""


class Sites(Section):
    """Which sites are chosen after a recall."""

    min_pages: Positive = 1_000
    """Sites with fewer recalled pages are left out. Paper: root URLs with more than 1000 documents."""
    model: str = "GPT-4"
    """The model that judges sites. Paper: GPT-4."""
    verdicts: InputPath | None = None
    """CSV with the columns `site,verdict,reason`: what a person has decided, of a site (`example.org`) or of a part
    (`example.org/forum/*`). It wins over the model."""
    seen: Annotated[Count, _PAPERS] = 600_000
    """Root URLs the paper saw, for comparison in the report."""
    chosen: Annotated[Count, _PAPERS] = 50_000
    """Root URLs the paper's model chose, for comparison in the report."""
    target_documents: Annotated[Positive, _PAPERS] = 18_000_000
    """Documents that the second round ends with in the paper."""


class Documents(Section):
    """How pages become documents, and which may not."""

    selected_sites_only: bool = True
    """Cleans only pages of sites, and of parts of sites, that were selected; of all where none is judged."""
    obey: list[Literal["noai", "noindex"]] = ["noai", "noindex"]
    """Marks of a page or its response (robots meta, X-Robots-Tag, tdm-reservation) for which it is left out."""
    blocked_sites: InputPath | None = None
    """A list of domains, one a line, whose pages and those of their subdomains are left out."""
    mask_contacts: bool = True
    """Puts marks in place of e-mail addresses and telephone numbers."""
    page_seconds: Seconds = 2.0
    """A page that takes longer to clean is given up and counted."""
    page_memory_mb: Annotated[int, Field(ge=128)] = 1024
    """A page that takes more memory to clean is given up and counted."""
    near_duplicates: bool = True
    """Leaves out documents whose words are almost those of another."""
    duplicate_similarity: Share = 0.8
    """Jaccard similarity of two documents' five-word sequences from which one is left out."""


class Benchmark(Section):
    """A benchmark as its authors publish it: JSON, JSON lines, Parquet or CSV, gzipped or not; one file or a folder."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$")]
    """As evidence names it."""
    path: InputPath
    """A file, or a folder of them, local, `https://` or `s3://`."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    """Of the file; of a folder that of its files' names and hashes, as the error of a wrong one says."""
    question: str
    """Field of the question. `.` steps into what it holds (`question.stem`); a number is a column without a name."""
    answer: str | None = None
    """Field of the answer. Where it is a letter or a number of a choice, that choice is the answer."""
    choices: list[str] = []
    """Fields of the choices, or the one field that holds them all."""
    item: str | None = None
    """Field of the item's name; without one items are numbered."""
    rows: str | None = None
    """Of JSON that is no list: the field that holds the items."""


class Decontamination(Section):
    """What counts as a benchmark's text on a page."""

    benchmarks: list[Benchmark] = []
    """Whose items must not be found in what is published."""
    ngram: Positive = 10
    """A document goes when any n-gram of it equals one of a benchmark. Paper: 10."""
    short_text_words: tuple[Positive, Positive] = Field(default=(3, 9), strict=False)
    """Benchmark texts of so many words must match whole (DeepSeekMath); shorter ones are ignored."""
    check_answers: bool = True
    """Whether benchmark answers count as well as questions. Paper: both."""
    map_digits: bool = False
    """Takes all digits for the same, so that an item with other numbers is found; and many another exercise."""
    judge: str | None = None
    """The model that is asked whether a page's question is a benchmark's in other words; none leaves that check out."""
    neighbours: Positive = 3
    """Benchmark items to which each question is compared: those most like it."""
    neighbour_similarity: Share = 0.15
    """Less similar items (cosine over runs of characters) are not compared. Rewordings by other words come down to
    this, and of the pairs that chance makes one in a hundred reaches it."""
    canaries: Positive = 50
    """Benchmark items of each kind of disguise that every run plants, to measure what it finds."""
    common_ngram_documents: Positive = 100
    """An n-gram found in so many documents is told: it may be a phrase that all use, and no item's."""


class Extraction(Section):
    """How pairs are read from documents."""

    model: str = "Qwen-72B"
    """The model that finds the pairs. It may answer that there are none, as for 70 % of the paper's documents."""
    passage_words: Positive = 1_500
    """A longer document is cut, at its headings and posts where it can be, into passages of so many words at most."""
    overlap_words: Count = 200
    """So much of a passage is read again with the next, so that what stands across a cut stands whole in one."""
    least_grounding: Share = 0.9
    """A question or answer of which less stands on its page is dropped. What is kept is the page's own text."""
    void_sample: Count = 0
    """After so many answers a classifier learns which passages hold nothing, and those are not asked about. 0 asks
    about all."""
    max_lost_pairs: Share = 0.02
    """The classifier passes over as many passages as cost at most this share of the pairs of its held-out sample."""
    expected_yield: Annotated[Share, _PAPERS] = 0.3
    """Share of documents with a pair in the paper, for the estimate before a run."""
    target_pairs: Annotated[Positive, _PAPERS] = 5_000_000
    """Pairs the paper extracted."""

    @model_validator(mode="after")
    def _overlap_is_part(self) -> Self:
        if self.overlap_words > self.passage_words // 2:
            raise ValueError("overlap_words may be half of passage_words at most: all is read twice then")
        return self


class Refinement(Section):
    """How pairs are refined."""

    models: Annotated[list[str], Field(min_length=1)] = ["Mixtral-8x22B", "Qwen-72B"]
    """Each refines every pair, and each result is kept."""
    arbiter: str | None = None
    """A further model that refines the pairs to whose question those come with different answers."""
    judge: str | None = None
    """The model that looks for faults in what has passed the checks by rule; none leaves those alone."""
    target_pairs: Annotated[Positive, _PAPERS] = 10_000_000
    """Refined pairs of the paper, about 5B tokens."""

    @model_validator(mode="after")
    def _different_models(self) -> Self:
        names = [*self.models, *([self.arbiter] if self.arbiter is not None else [])]
        if len(set(names)) < len(names):
            raise ValueError("models and arbiter must be different: one that agrees with itself says nothing")
        return self

    @property
    def all_models(self) -> list[str]:
        return [*self.models, *(model for model in (self.arbiter, self.judge) if model is not None)]


class Publication(Section):
    """Which refinements become the dataset, and in which mixture."""

    refinements: Positive = 2
    """Of a pair so many refinements are published, those of the models first that the run file names first. Paper:
    both."""
    question_similarity: Share | None = 0.6
    """Jaccard similarity of two questions' three-word sequences from which, with the same numbers in them, they are
    one; of these one pair is published. A published run lost 19 % there. None compares none."""
    pairs_per_site: Positive | None = None
    """Of a site so many pairs at most; the best of them by the rule of publication."""
    mixture: dict[str, Share] = {}
    """Shares of the subjects math, science and other; what is too much of one is left out, by hash. Empty takes all
    there is."""

    @model_validator(mode="after")
    def _shares_are_a_whole(self) -> Self:
        unknown = self.mixture.keys() - {"math", "science", "other"}
        if unknown:
            raise ValueError(f"mixture knows the subjects math, science and other, and no {', '.join(sorted(unknown))}")
        if self.mixture and abs(sum(self.mixture.values()) - 1) > _ROUNDING:
            raise ValueError(f"the shares of mixture must add up to 1, and not to {sum(self.mixture.values()):g}")
        return self


class ExtraSet(Section):
    """A public instruction set mixed in for the Plus models."""

    name: str
    """What it is called."""
    rows: Count
    """Rows it had in the paper; 0 where the paper does not say."""
    without: list[str] = []
    """Sources removed from it, such as a benchmark's own training data."""


class Training(Section):
    """Fine-tuning, by the paper's recipe."""

    base: str = "mistralai/Mistral-7B-v0.1"
    """The model to start from."""
    learning_rates: dict[str, float] = {
        "Mistral-7B": 5e-6,
        "Llama-3-8B": 1e-5,
        "Mixtral-8x7B": 1e-5,
        "Yi-34B": 1e-5,
    }
    """Learning rate by base model."""
    global_batch: Positive = 512
    """Sequences a step, over all GPUs and accumulation."""
    sequence_length: Positive = 4_096
    """Tokens a packed sequence."""
    epochs: Positive = 2
    """Passes over the data."""
    schedule: Literal["cosine"] = "cosine"
    """Shape of the learning rate after the warm-up."""
    warmup_share: Share = 0.03
    """Share of the steps in which the rate rises."""
    loss: Literal["sft", "lm"] = "sft"
    """`sft` counts the answers' tokens, `lm` all; the paper compares both."""
    zero_stage: Literal[0, 2, 3] = 3
    """DeepSpeed ZeRO stage."""
    plus: list[ExtraSet] = []
    """Further instruction sets for the second stage."""


class Evaluation(Section):
    """The benchmarks and how they are asked."""

    shots: dict[str, Count] = {
        "TheoremQA": 5,
        "MATH": 4,
        "GSM8K": 4,
        "GPQA-diamond": 5,
        "MMLU-STEM": 5,
        "BBH": 3,
        "ARC-C": 8,
    }
    """Solved examples before each question."""
    items: dict[str, Positive] = {
        "TheoremQA": 800,
        "MATH": 5_000,
        "GSM8K": 1_319,
        "GPQA-diamond": 198,
        "MMLU-STEM": 3_134,
        "BBH": 6_511,
        "ARC-C": 1_172,
    }
    """Items of each benchmark; another count means another version of it."""
    max_new_tokens: Positive = 2_048
    """Longest answer."""
    greedy: bool = True
    """The most likely token at each step, no sampling."""


class RunFile(Section):
    """One run: one file in `conf/`."""

    run: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    """Name of the run, written into every row of `stage_runs`."""
    round: Annotated[int, Field(ge=1, le=9)] = 1
    """Round of recall; the second learns from the sites that the first chose."""
    lake: Lake
    spark: Spark = Spark()
    stages: Stages = Stages()
    http: Http = Http()
    crawl: Crawl
    pages: Pages = Pages()
    seeds: Seeds = Seeds()
    visits: Visits = Visits()
    classifier: Classifier = Classifier()
    recall: Recall = Recall()
    llm: Llm = Llm()
    sites: Sites = Sites()
    documents: Documents = Documents()
    decontamination: Decontamination = Decontamination()
    extraction: Extraction = Extraction()
    refinement: Refinement = Refinement()
    publication: Publication = Publication()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()


def settings_sha256(*settings: object) -> str:
    """Identifies the settings, and whatever else decides the rows of a stage, in `stage_runs`."""
    plain = [value.model_dump(mode="json") if isinstance(value, BaseModel) else value for value in settings]
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def load(
    path: str | Path, overrides: Sequence[str] = (), uses: Sequence[str] = (), needs: Sequence[str] = ()
) -> RunFile:
    """Reads a run file. `uses` names the sections a command works with: their inputs must exist and
    their environment variables be set, while another machine's paths in other sections do not matter.
    `needs` names the keys that may otherwise be left out."""
    path = Path(path)
    if not path.is_file():
        raise ValueError(f"{path}: no such run file; there are {_run_files_beside(path)}")
    try:
        values = yaml.load(path.read_text(encoding="utf-8"), Loader=_Yaml)  # noqa: S506 (a safe loader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not readable as YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict):
        raise ValueError(f"{path}: a run file holds sections and keys; this one holds {type(values).__name__}")
    for override in overrides:
        _override(values, override)
    missing: list[str] = []
    given = values
    values = {key: _with_environment(value, key, missing) if key in uses else value for key, value in values.items()}
    if missing:
        raise ValueError("\n".join(f"{path}: {line}" for line in missing))
    try:
        run_file = RunFile.model_validate(values)
    except ValidationError as errors:
        raise ValueError("\n".join(f"{path}: {_explained(error, given)}" for error in errors.errors())) from None
    absent = [f"{key}: must be given" for key in needs if _value_of(run_file, key) is None]
    absent += [line for section in uses for line in _absent_inputs(getattr(run_file, section), section)]
    if absent:
        raise ValueError("\n".join(f"{path}: {line}" for line in absent))
    return run_file


class _Yaml(yaml.SafeLoader):
    """YAML as people write it: `5e-6` is a number (PyYAML reads a string), and a key given twice is refused."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"key {key!r} is given twice", node.start_mark)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return mapping


_Yaml.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9][0-9_]*(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789")
)


def _override(values: dict[str, Any], override: str) -> None:
    """Applies `section.key=value`; the value is read as YAML, so numbers and lists keep their types."""
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ValueError(f"override {override!r}: write section.key=value")
    *sections, last = key.split(".")
    place = values
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise ValueError(f"override {override!r}: {section} is a value, not a section")
    try:
        place[last] = yaml.load(text, Loader=_Yaml)  # noqa: S506 (a safe loader)
    except yaml.YAMLError as error:
        raise ValueError(f"override {override!r}: {' '.join(str(error).split())}") from None


def _with_environment(value: Any, key: str, missing: list[str]) -> Any:
    """Replaces `${NAME}` in texts by the environment's value; notes those that are not set."""
    if isinstance(value, dict):
        return {name: _with_environment(inner, f"{key}.{name}", missing) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_environment(inner, f"{key}[{index}]", missing) for index, inner in enumerate(value)]
    if not isinstance(value, str):
        return value

    def set_value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            remedy = "; `mammoth endpoint -- COMMAND` sets it for a command" if name == "MAMMOTH_ENDPOINT" else ""
            missing.append(f"{key}: the environment variable {name} is not set{remedy}")
        return os.environ.get(name, "")

    return re.sub(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", set_value, value)


def _explained(error: ErrorDetails, given: Any) -> str:
    """One line for a mistake, with the value as the file gives it: the environment's may be secret."""
    key = ".".join(str(part) for part in error["loc"] if not str(part).startswith(("constrained", "function-")))
    if error["type"] == "extra_forbidden":
        return f"{key}: unknown key; the nearest known key is {_nearest_key(key)}"
    if error["type"] == "missing":
        return f"{key}: must be given"
    message = error["msg"].removeprefix("Value error, ")
    for part in error["loc"]:
        try:
            given = given[part]
        except (KeyError, IndexError, TypeError):
            break
    shown = "" if isinstance(error["input"], dict) else f", not {given!r}"
    return f"{key}: {message[0].lower()}{message[1:]}{shown}"


def _nearest_key(key: str) -> str:
    """Compares within the section first: a slip of the pen is likelier than a wrong section."""
    known = list(_known_keys(RunFile))
    key = re.sub(r"\.[0-9]+(?=\.)", "", key)  # Members of a list have the keys of its section.
    section = key.rpartition(".")[0]
    beside = [name for name in known if name.rpartition(".")[0] == section]
    near = difflib.get_close_matches(key, beside, n=1, cutoff=0.5) or difflib.get_close_matches(
        key, known, n=1, cutoff=0.0
    )
    return near[0]


def _known_keys(section: type[BaseModel], prefix: str = "") -> Iterator[str]:
    for name, field in section.model_fields.items():
        key = prefix + (field.alias or name)
        yield key
        members = get_args(field.annotation) if get_origin(field.annotation) is list else (field.annotation,)
        for inner in members:
            if isinstance(inner, type) and issubclass(inner, BaseModel):
                yield from _known_keys(inner, f"{key}.")


def _value_of(run_file: RunFile, key: str) -> object:
    return functools.reduce(getattr, key.split("."), run_file)


def _absent_inputs(value: Any, key: str) -> Iterator[str]:
    if not isinstance(value, BaseModel):
        return
    for name, field in type(value).model_fields.items():
        inputs = getattr(value, name)
        for inner in inputs if isinstance(inputs, list) else ():
            yield from _absent_inputs(inner, f"{key}.{name}")
        if not _names_inputs([field.annotation, *field.metadata]) or inputs is None:
            continue
        for path in filter(None, inputs if isinstance(inputs, list) else [inputs]):
            local = unquote(urlsplit(path).path) if path.startswith("file:") else path
            if "://" not in local and not local.startswith("dbfs:") and not Path(local).exists():
                yield f"{key}.{name}: there is no {path}"


def _names_inputs(annotations: Sequence[Any]) -> bool:
    for annotation in annotations:
        if annotation is _ExistingInput:
            return True
        if get_origin(annotation) in (Annotated, list, types.UnionType) and _names_inputs(get_args(annotation)):
            return True
    return False


def _run_files_beside(path: Path) -> str:
    files: Mapping[str, None] = dict.fromkeys(str(file) for file in sorted(path.parent.glob("*.yaml")))
    return ", ".join(files) or "no YAML files in that folder"
