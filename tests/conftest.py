"""What tests share: one Spark session for the whole run, and one small corpus."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import run_pipeline
from pyspark.sql import SparkSession
from xdist.scheduler import LoadScopeScheduling

from mammoth_spark import config
from mammoth_spark.demo.corpus import Corpus, build_corpus
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.spark.session import spark_session
from mammoth_spark.spark.tables import TABLES, Lake
from mammoth_spark.text.classifier import sha256_of

PAGES = 240
PAGES_PER_WARC = 40
# It takes a minute and more to make, so one process makes it.
SEE_THE_UNDISTURBED_RUN = (
    "tests/console/test_endpoint.py",
    "tests/console/test_sql.py",
    "tests/console/test_status.py",
    "tests/demo/test_figures.py",
    "tests/jobs/test_clean_pages.py",
    "tests/jobs/test_pipeline.py",
    "tests/jobs/test_recall_pages.py",
    "tests/jobs/test_second_round.py",
    "tests/spark/test_connect.py",
    "tests/spark/test_llm_on_cluster.py",
)


class _ByModule(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Two processes share the tests: a module stays together, and so do all that look at the undisturbed run."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return "pipeline" if module in SEE_THE_UNDISTURBED_RUN else module


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes have no name: two processes must name each test alike, and what is packed holds a time."""
    return argname if isinstance(val, bytes) else None


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    return _ByModule(config, log)


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """Starting a JVM costs ten seconds, so there is one. It has what a laptop's has, and two cores everywhere."""
    session = spark_session(
        "tests", config.Spark(local_cores=2, driver_memory="1g", shuffle_partitions=1, small_tables=True)
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """Six WARC files of 40 pages, and the damaged one."""
    return build_corpus(tmp_path_factory.mktemp("web"), pages=PAGES, seed=3, pages_per_warc=PAGES_PER_WARC)


def run_file_text(corpus: Corpus, lake: Path) -> str:
    """A run file over the small corpus, with values that a small corpus trains on in a second."""
    benchmarks = "".join(
        f"\n  - {{name: {path.stem}, path: {path}, sha256: {sha256_of(path)},"
        " question: question, answer: answer, item: item}"
        for path in sorted(corpus.benchmarks.glob("*.jsonl"))
    )
    return f"""
run: test
lake: {{path: {lake}}}
spark: {{local_cores: 2, driver_memory: 1g, shuffle_partitions: 1, small_tables: true}}
crawl: {{manifests: [{corpus.manifest}], base: {corpus.folder}, files_per_wave: 3}}
seeds: {{sites: {corpus.seed_sites}, positives: 200, negatives: 200, pages_per_site: 20, random_share: 0}}
classifier: {{dim: 8, epoch: 100, lr: 0.5, word_ngrams: 2, min_count: 1, buckets: 20000}}
recall: {{floor_score: 0.5}}
sites: {{min_pages: 3, model: rules}}
extraction: {{model: rules}}
refinement: {{models: [rules, rules-2]}}
decontamination:
  canaries: 5
  benchmarks:{benchmarks}
"""


@pytest.fixture(scope="session")
def empty_lake(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every table without a row, to be copied: to make the tables takes longer than most tests."""
    folder = tmp_path_factory.mktemp("empty") / "lake"
    Lake(spark, config.Lake(path=str(folder))).create(*TABLES)
    return folder


@pytest.fixture(scope="session")
def undisturbed(
    spark: SparkSession, corpus: Corpus, empty_lake: Path, tmp_path_factory: pytest.TempPathFactory
) -> config.RunFile:
    """A lake in which the whole pipeline has run, once for all tests."""
    folder = tmp_path_factory.mktemp("undisturbed")
    path = folder / "run.yaml"
    path.write_text(run_file_text(corpus, shutil.copytree(empty_lake, folder / "lake")))
    run_file = config.load(path)
    with RulesServer() as server:
        endpoints = [config.Endpoint(model=model, base_url=server.base_url) for model in ("rules", "rules-2")]
        run_pipeline.run(spark, run_file.model_copy(update={"llm": config.Llm(endpoints=endpoints)}))
    return run_file


@pytest.fixture(scope="session")
def llm_lake(empty_lake: Path, tmp_path_factory: pytest.TempPathFactory) -> config.Lake:
    """For tests that ask, each with a stage of its own."""
    return config.Lake(path=str(shutil.copytree(empty_lake, tmp_path_factory.mktemp("llm") / "lake")))


@pytest.fixture
def run_path(corpus: Corpus, tmp_path: Path) -> Path:
    """The run file, with a lake of the test's own."""
    path = tmp_path / "run.yaml"
    path.write_text(run_file_text(corpus, tmp_path / "lake"))
    return path


@pytest.fixture
def own_lake(empty_lake: Path, tmp_path: Path) -> config.Lake:
    """The test's own."""
    return config.Lake(path=str(shutil.copytree(empty_lake, tmp_path / "lake")))


@pytest.fixture
def run_file(run_path: Path, own_lake: config.Lake) -> config.RunFile:
    return config.load(run_path).model_copy(update={"lake": own_lake})


@pytest.fixture
def with_its_model(undisturbed: config.RunFile, corpus: Corpus, own_lake: config.Lake, tmp_path: Path) -> Path:
    """A run file for a fresh lake that recalls with the undisturbed run's model."""
    models = list(Path(undisturbed.lake.files_folder, "models").glob("*.bin"))
    assert len(models) == 1
    path = tmp_path / "run.yaml"
    text = run_file_text(corpus, tmp_path / "lake")
    path.write_text(text.replace("recall: {", f"recall: {{model: {models[0]}, model_sha256: {sha256_of(models[0])}, "))
    return path


@pytest.fixture(autouse=True)
def _no_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests mean the same on a laptop and in a notebook of Databricks'."""
    for name in ("SPARK_REMOTE", "DATABRICKS_RUNTIME_VERSION"):
        monkeypatch.delenv(name, raising=False)
