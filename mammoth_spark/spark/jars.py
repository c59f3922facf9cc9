"""Delta's jars beside Spark's own, so that every start is offline.

pip brings Spark's jars but not Delta's. `python -m mammoth_spark.spark.jars` lets Spark resolve them once and puts
those that it lacks into the `jars` folder of pip's Spark. A cluster gets them by `spark-submit --packages` or `--jars`
instead.
"""

import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import pyspark

# Built for Spark 4.1 and its Scala. Delta's Python package and its jars must be of one version.
_PACKAGE = "io.delta:delta-spark_4.1_2.13"
# The rest of what Delta names (Hadoop, Parquet, Jackson, log4j) ships with Spark already.
_OF_DELTA = ("io.delta_*.jar", "io.unitycatalog_*.jar")
_SHIPPED = "org.apache.hadoop:hadoop-client-api,org.apache.hadoop:hadoop-client-runtime"


_COORDINATES = f"{_PACKAGE}:{version('delta-spark')}"
_JAR = f"{_COORDINATES.replace(':', '_', 1).replace(':', '-')}.jar"
_OURS = Path(pyspark.__file__).parent / "jars"


def require() -> None:
    # Under spark-submit, Python finds pyspark in a zip file; SPARK_HOME is then set.
    folder = Path(os.environ.get("SPARK_HOME") or _OURS.parent) / "jars"
    if not (folder / _JAR).is_file():
        raise ValueError(
            f"Delta's jars are not in {folder}; run `make setup` for the suite's own Spark, or give another Spark"
            f" `--packages {_COORDINATES}`"
        )


def fetch() -> None:
    """Resolves in a home of its own: a half-filled ~/.m2 would make the resolution fail."""
    with tempfile.TemporaryDirectory() as home:
        script = Path(home) / "nothing.py"
        script.touch()
        command = [str(Path(pyspark.__file__).parent / "bin" / "spark-submit"), "--master", "local[1]"]
        command += ["--packages", _COORDINATES, "--exclude-packages", _SHIPPED]
        command += ["--conf", f"spark.jars.ivy={home}/ivy", "--driver-java-options", f"-Duser.home={home}"]
        surroundings = {
            "SPARK_LOCAL_IP": "127.0.0.1",
            "PYSPARK_PYTHON": sys.executable,
        }
        run = subprocess.run(  # noqa: S603 (no shell, and every part is ours)
            [*command, str(script)],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **surroundings},
        )
        found = [jar for pattern in _OF_DELTA for jar in Path(home, "ivy", "jars").glob(pattern)]
        if not any("delta-spark" in jar.name for jar in found):
            raise ValueError(f"{_COORDINATES} did not resolve; is Maven Central reachable?\n{run.stderr[-2000:]}")
        # The jar whose presence counts goes last: a fetch that was cut off is begun anew.
        for jar in sorted(found, key=lambda jar: "delta-spark" in jar.name):
            part = _OURS / f".{jar.name}.part"
            part.write_bytes(jar.read_bytes())
            part.replace(_OURS / jar.name)


if __name__ == "__main__":
    if not (_OURS / _JAR).is_file():
        fetch()
    print(f"Delta's jars are in {_OURS}")
