"""A standalone cluster on loopback: a master and two workers with a core each, and drivers that spark-submit starts."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyspark

_ROOT = Path(__file__).parents[2]
_SPARK = Path(pyspark.__file__).parent
_PATIENCE_S = 60.0
# Three machines of Java on two cores, each for a minute: the better compiler never pays for itself.
_QUICK = "-XX:TieredStopAtLevel=1"


@dataclass(frozen=True)
class Cluster:
    master: str
    folder: Path
    """Where drivers and executors write what they say, and events are logged."""
    environment: Mapping[str, str]
    workers: Sequence[int]
    """Their processes."""

    @contextmanager
    def driver(
        self, job: str, *arguments: str, settings: Sequence[str] = (), variables: Mapping[str, str]
    ) -> Iterator["Driver"]:
        """A job that spark-submit runs with settings, `key=value`, in the environment of these variables."""
        said = self.folder / f"driver-{time.time_ns()}.txt"
        command = [
            *(str(Path(sys.executable).with_name("spark-submit")), "--master", self.master),
            *("--driver-memory", "1g", "--executor-memory", "1g"),
            *("--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1"),
            *("--conf", "spark.sql.shuffle.partitions=2", "--conf", "spark.ui.port=0"),
            *("--conf", "spark.databricks.delta.snapshotPartitions=2"),
            *(
                "--conf",
                f"spark.driver.extraJavaOptions={_QUICK}",
                "--conf",
                f"spark.executor.extraJavaOptions={_QUICK}",
            ),
            *("--conf", "spark.eventLog.enabled=true", "--conf", f"spark.eventLog.dir={self.events}"),
            *(word for setting in settings for word in ("--conf", setting)),
            *(str(_ROOT / job), *arguments),
        ]
        with said.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=_ROOT, env={**self.environment, **variables}, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            yield Driver(process, said)
        finally:
            process.kill()
            process.wait()

    @property
    def events(self) -> Path:
        return self.folder / "events"

    def executors(self) -> list[int]:
        """The processes of the executors, each a child of its worker."""
        return [executor for worker in self.workers for executor in _children(worker)]


@dataclass(frozen=True)
class Driver:
    process: subprocess.Popen[bytes]
    said: Path

    def ended(self, patience_s: float = 240) -> int:
        """Waits for its end; its exit code."""
        return self.process.wait(patience_s)

    @property
    def text(self) -> str:
        return self.said.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """As `kill -9` does. spark-submit is replaced by the JVM, whose child is the driver's Python."""
        children = _children(self.process.pid)
        self.process.kill()
        for child in children:
            os.kill(child, signal.SIGKILL)
        self.process.wait()


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(_ROOT),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_HOME": str(_SPARK),
        "SPARK_LOCAL_DIRS": str(folder / "local"),
    }
    (folder / "events").mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = ["--host", "127.0.0.1", "--webui-port", "0"]
    small = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / "work")]
    master = f"spark://127.0.0.1:{port}"
    with ExitStack() as running:
        running.enter_context(_process(folder, environment, "master.Master", *place, "--port", str(port)))
        workers = [
            running.enter_context(_process(folder, environment, "worker.Worker", *place, *small, master))
            for _ in range(2)
        ]
        deadline = time.monotonic() + _PATIENCE_S
        while not all("registered with master" in said.read_text() for _, said in workers):
            assert time.monotonic() < deadline, "the cluster does not come up"
            time.sleep(0.1)
        yield Cluster(master, folder, environment, [pid for pid, _ in workers])


@contextmanager
def _process(folder: Path, environment: Mapping[str, str], name: str, *arguments: str) -> Iterator[tuple[int, Path]]:
    """A part of the cluster: its process, and the file with what it says."""
    log = folder / f"{name}-{time.time_ns()}.txt"
    command = [str(_SPARK / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *arguments]
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield process.pid, log
    finally:
        process.terminate()
        process.wait()


def _children(parent: int) -> list[int]:
    """Whichever of its threads started them."""
    return [int(pid) for file in Path(f"/proc/{parent}/task").glob("*/children") for pid in file.read_text().split()]
