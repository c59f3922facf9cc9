"""One function that gives a Spark session wherever the suite runs.

- Spark Connect, when the run file or SPARK_REMOTE names a server: the server's settings stand.
- Databricks: the session that is already there.
- spark-submit (EMR, YARN, Kubernetes, standalone): what it or the platform set stays, Delta's two settings are added.
- A laptop, from plain Python or spark-submit without a master: small settings of our own, all on loopback.

This is the only module that touches a `sparkContext`.
"""

import os
import sys
from pathlib import Path

from pyspark.conf import SparkConf
from pyspark.core.context import SparkContext
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.spark import jars

_DELTA_EXTENSION = "io.delta.sql.DeltaSparkSessionExtension"
_BATCH_ROWS = "spark.sql.execution.arrow.maxRecordsPerBatch"
_DELTA_CATALOG = "org.apache.spark.sql.delta.catalog.DeltaCatalog"
_SETTINGS = {
    # First come, first served would let the renewal of a lease wait for the last task of a wave.
    "spark.scheduler.mode": "FAIR",
    # Queries say the same wherever the driver stands; tables hold moments, of no zone.
    "spark.sql.session.timeZone": "UTC",
}
# Numba keeps compiled kernels beside the package or in a home. Executors may be allowed to write to neither, but always
# to their own working folder.
_CLUSTER_SETTINGS = {"spark.executorEnv.NUMBA_CACHE_DIR": "numba-cache"}
# Over small tables half of the processor's time goes into what Java and Spark make of each query to run it faster. Java
# gives the quick compiler alone so little room for its code that it would spend the time on clearing that.
_INTERPRETED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
_QUICK_COMPILER = " -XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseSerialGC"


def spark_session(name: str, settings: config.Spark) -> SparkSession:
    remote = settings.remote or os.environ.get("SPARK_REMOTE")
    if remote:
        # A local server is our own, started for this session; any other has its settings.
        wanted = _delta_settings(SparkConf(loadDefaults=False)) if remote.startswith("local") else {}
        session = _configured(SparkSession.builder.remote(remote).appName(name), wanted).getOrCreate()
    elif "DATABRICKS_RUNTIME_VERSION" in os.environ:
        session = SparkSession.builder.getOrCreate()
    else:
        session = _classic_session(name, settings)
    # Rows that hold whole pages travel to Python in small batches; Spark's own 10,000 would be a gigabyte.
    if session.conf.get(_BATCH_ROWS) == "10000":
        session.conf.set(_BATCH_ROWS, "64")
    return session


def refuse_speculation(spark: SparkSession, would: str) -> None:
    """For stages whose tasks must not run twice at once."""
    if str(spark.conf.get("spark.speculation", "false")).lower() == "true":
        raise ValueError(f"spark.speculation would {would}; start the stage with spark.speculation=false")


def _classic_session(name: str, settings: config.Spark) -> SparkSession:
    given = _given_settings()
    master = given.get("spark.master") or "local"
    added = _SETTINGS | (_laptop_settings(settings) if master.startswith("local") else _CLUSTER_SETTINGS)
    wanted = _delta_settings(given) | {key: value for key, value in added.items() if not given.contains(key)}
    if master == "local[*]":
        # What spark-submit takes when nobody names a master: it never tries a task again.
        wanted["spark.master"] = "local[*,4]"
    if master.startswith("local"):
        if "io.delta" not in (given.get("spark.jars.packages", "") or "") and not given.contains("spark.jars"):
            jars.require()
        # Workers start with `python3` from PATH unless told: they would miss our packages.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return _configured(SparkSession.builder.appName(name), wanted).getOrCreate()


def _configured(builder: SparkSession.Builder, settings: dict[str, str]) -> SparkSession.Builder:
    for key, value in settings.items():
        builder = builder.config(key, value)
    return builder


def _given_settings() -> SparkConf:
    """What spark-submit or the platform has set; empty in a plain Python process."""
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        # Joins the JVM that spark-submit started; before that, its settings cannot be seen.
        SparkContext._ensure_initialized()
        return SparkConf()
    return SparkConf(loadDefaults=False)


def _delta_settings(given: SparkConf) -> dict[str, str]:
    extensions = given.get("spark.sql.extensions", "") or ""
    if _DELTA_EXTENSION not in extensions:
        extensions = f"{extensions},{_DELTA_EXTENSION}".lstrip(",")
    catalog = given.get("spark.sql.catalog.spark_catalog", _DELTA_CATALOG) or _DELTA_CATALOG
    return {"spark.sql.extensions": extensions, "spark.sql.catalog.spark_catalog": catalog}


def _laptop_settings(settings: config.Spark) -> dict[str, str]:
    wanted = {
        # A killed worker costs a retry of its task, as on a cluster, where the default would fail the job.
        "spark.master": f"local[{settings.local_cores or '*'},4]",
        "spark.driver.memory": settings.driver_memory,
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        # Delta reads a table's log by 50 tasks; on a small table each costs more than the reading.
        "spark.databricks.delta.snapshotPartitions": "2",
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}",
    }
    if settings.small_tables:
        wanted |= _INTERPRETED
        wanted["spark.driver.extraJavaOptions"] += _QUICK_COMPILER
    if settings.event_log is not None:
        # As plain text, so that it can be searched as well.
        wanted |= {
            "spark.eventLog.enabled": "true",
            "spark.eventLog.dir": settings.event_log,
            "spark.eventLog.compress": "false",
        }
    return wanted
