"""What every job file does around its `run`: the command line, the run file, the session, and how it ends."""

import argparse
import sys
from collections.abc import Callable, Sequence

from pyspark.sql import SparkSession

from mammoth_spark.config import RunFile, load
from mammoth_spark.llm.task import servers_of
from mammoth_spark.spark.lease import LeaseLost
from mammoth_spark.spark.session import spark_session
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.web.fetch import FetchError


def main(
    name: str,
    doc: str | None,
    run: Callable[[SparkSession, RunFile], None],
    uses: Sequence[str],
    needs: Sequence[str] = (),
    asks: Callable[[RunFile], Sequence[str]] = lambda _: (),
) -> None:
    """`uses` names the run file's sections that the job reads, `needs` the keys that it cannot do without, `asks` the
    models that it asks.

    Exit codes: 0 done, 1 the stage failed after keeping its good work, 2 a mistake of the user's, 130 interrupted."""
    parser = argparse.ArgumentParser(
        prog=f"jobs/{name}.py", description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--conf", required=True, metavar="RUN.yaml", help="the run file")
    parser.add_argument("overrides", nargs="*", metavar="section.key=value", help="settings to replace in it")
    arguments = parser.parse_args()
    try:
        run_file = load(arguments.conf, arguments.overrides, uses=("lake", "spark", "stages", *uses), needs=needs)
        for model in asks(run_file):
            servers_of(run_file.llm, model)
        print(f"{name}: starting Spark", file=sys.stderr, flush=True)
        run(spark_session(f"{name} {run_file.run}", run_file.spark), run_file)
    except (ValueError, FetchError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where this one stopped", file=sys.stderr)
        sys.exit(130)
    except (StageFailed, LeaseLost) as error:
        print(f"failed: {error}", file=sys.stderr)
        sys.exit(1)
