"""Rows -> llm_calls on a standalone cluster of a master and two workers, with processes killed."""

import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from mammoth_spark.config import Lake
from mammoth_spark.lake import rows
from mammoth_spark.llm.rules import RulesServer
from tests.spark.cluster import Cluster, Driver, cluster

pytestmark = pytest.mark.slow

COUNT = 1200
WINDOW, FLUSH = 32, 16
JOB = "tests/spark/ask_titles.py"
TABLE = "SELECT fingerprint, status, reason, reply, model, prompt_tokens, reply_tokens, cost, attempts FROM llm_calls"


@pytest.fixture(scope="module")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
def server() -> Iterator[RulesServer]:
    with RulesServer(seconds=0.1) as running:
        yield running


class Asking:
    """A stage over so many rows that a driver on the cluster asks."""

    def __init__(self, spark_cluster: Cluster, server: RulesServer, folder: Path) -> None:
        self._cluster, self.folder = spark_cluster, folder
        folder.mkdir(exist_ok=True)
        self.run_file = folder / "run.yaml"
        self.run_file.write_text(f"""
run: test
lake: {{path: {folder}/lake}}
crawl: {{manifests: [none.gz], base: /nowhere}}
llm:
  endpoints: [{{model: rules, base_url: "{server.base_url}", key_env: THE_KEY, price_in: 1.0, price_out: 2.0}}]
  window: {WINDOW}
  flush_calls: {FLUSH}
  requests_per_wave: 600
  backoff_s: 0.02
  backoff_cap_s: 0.2
""")

    def driver(self, *overrides: str, settings: Sequence[str] = (), **variables: str) -> Any:
        given = {"ROWS": str(COUNT), "DISTINCT": str(COUNT), "QUESTION": str(self.folder), "THE_KEY": "k", **variables}
        return self._cluster.driver(JOB, "--conf", str(self.run_file), *overrides, settings=settings, variables=given)

    def done(self, *overrides: str, settings: Sequence[str] = (), **variables: str) -> Driver:
        with self.driver(*overrides, settings=settings, **variables) as driver:
            assert driver.ended() == 0, driver.text[-3000:]
            return driver

    def table(self, sql: str = f"{TABLE} WHERE status <> 'open' ORDER BY fingerprint") -> list[dict[str, Any]]:
        return list(rows(Lake(path=f"{self.folder}/lake"), sql))


@pytest.fixture
def asking(spark_cluster: Cluster, server: RulesServer, tmp_path: Path) -> Asking:
    return Asking(spark_cluster, server, tmp_path / "run")


@pytest.fixture(scope="module")
def undisturbed(spark_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    with RulesServer() as server:
        asking = Asking(spark_cluster, server, tmp_path_factory.mktemp("undisturbed"))
        asking.done()
        assert sum(server.calls.values()) == COUNT
        return asking.table()


def until(is_so: Callable[[], bool], driver: Driver) -> None:
    while not is_so():
        assert driver.process.poll() is None, driver.text[-3000:]
        time.sleep(0.01)


def repeated(server: RulesServer) -> int:
    return sum(count - 1 for count in server.generations.values())


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("victim", ["executor", "driver"])
def test_after_a_kill_the_table_is_the_same_and_few_calls_are_repeated(
    spark_cluster: Cluster,
    server: RulesServer,
    asking: Asking,
    undisturbed: list[dict[str, Any]],
    victim: str,
    share: float,
) -> None:
    with asking.driver() as driver:
        until(lambda: sum(server.generations.values()) >= share * COUNT, driver)
        if victim == "driver":
            driver.kill()
        else:
            os.kill(spark_cluster.executors()[0], signal.SIGKILL)
            assert driver.ended() == 0, driver.text[-3000:]
    if victim == "driver":
        # Other tasks, other batches, other plans: all that was answered counts.
        asking.done("llm.tasks=3", "llm.requests_per_wave=900", settings=["spark.sql.adaptive.enabled=false"])
    assert asking.table() == undisturbed
    assert len(server.generations) == COUNT
    killed_tasks = 2 if victim == "driver" else 1
    again = repeated(server)
    assert again <= killed_tasks * (WINDOW // 2 + FLUSH)
    (deaths,) = asking.table("SELECT sum(deaths) AS deaths FROM llm_calls")
    assert again <= deaths["deaths"] <= killed_tasks * (WINDOW + FLUSH)


def test_of_two_runs_at_once_one_works_and_the_other_says_whose_lease_it_met(
    server: RulesServer, asking: Asking
) -> None:
    # Each has a core; the first would else keep both. It works for as long as the second needs to start.
    alone = ["spark.cores.max=1"]
    with asking.driver("llm.tasks=1", "llm.window=3", settings=alone) as first:
        until(lambda: sum(server.calls.values()) > 0, first)
        with asking.driver("llm.tasks=1", settings=alone) as second:
            assert second.ended() == 2, second.text[-3000:]
            assert "error: test_stage is being worked on by run test, process " in second.text
        assert first.ended() == 0, first.text[-3000:]
    assert sum(server.calls.values()) == COUNT


def test_a_request_that_kills_its_worker_is_dead_after_two_tries(server: RulesServer, asking: Asking) -> None:
    asking.done("stages.max_failed_share=0.01", POISON="1")
    found = asking.table()
    assert Counter(row["status"] for row in found) == {"ok": COUNT - 1, "dead": 1}
    assert [row["reason"] for row in found if row["status"] == "dead"] == ["kills_worker"]
    assert (asking.folder / "deaths").read_bytes() == b"xx"
    assert repeated(server) <= 2 * (WINDOW // 2 + FLUSH)


def test_speculation_from_outside_is_refused(spark_cluster: Cluster, server: RulesServer, asking: Asking) -> None:
    with asking.driver(settings=["spark.speculation=true"]) as driver:
        assert driver.ended() == 2
    assert "spark.speculation would pay for calls twice" in driver.text
    assert not server.calls


def test_the_key_is_in_no_log_event_page_table_or_journal(
    spark_cluster: Cluster, server: RulesServer, asking: Asking
) -> None:
    server.key = canary = "canary-8d1f0c5b"
    with asking.driver(THE_KEY=canary) as driver:
        until(lambda: sum(server.generations.values()) >= COUNT / 10, driver)
        seen = pages_of_its_ui(driver.text)
        # So that journals are left, and requests that the next driver has to ask, however slowly its pages came.
        driver.kill()
    assert "test_stage" in seen
    assert canary not in seen
    assert list((asking.folder / "lake").rglob("*.jsonl"))
    assert_nowhere(canary, asking.folder, spark_cluster.folder)
    server.key = "another"
    with asking.driver(THE_KEY=canary) as driver:
        assert driver.ended() == 1
    assert "the endpoint refuses every request (http_401)" in driver.text
    server.key = canary
    asking.done(THE_KEY=canary)
    assert_nowhere(canary, asking.folder, spark_cluster.folder)
    for name in ("llm_calls", "llm_requests", "stage_runs", "leases", "dropped"):
        found = asking.table(f"SELECT * FROM {name}")
        assert found or name == "dropped"
        assert canary not in str(found)


def pages_of_its_ui(text: str) -> str:
    """What a driver's pages tell of it."""
    started = re.search(r"started service 'SparkUI' on port (\d+)", text)
    assert started is not None
    api = f"http://127.0.0.1:{started[1]}/api/v1/applications"
    application = requests.get(api, timeout=60).json()[0]["id"]
    parts = ("environment", "jobs", "stages?details=true", "allexecutors", "sql?details=true&planDescription=true")
    return "".join(requests.get(f"{api}/{application}/{part}", timeout=60).text for part in parts)


def assert_nowhere(secret: str, *folders: Path) -> None:
    files = [file for folder in folders for file in folder.rglob("*") if file.is_file()]
    kinds = {file.suffix for file in files} | {file.name for file in files}
    assert {"stdout", "stderr", ".parquet", ".json", ".txt"} <= kinds
    for file in files:
        with suppress(FileNotFoundError):  # Of a worker that ends meanwhile.
            assert secret.encode() not in file.read_bytes(), file
