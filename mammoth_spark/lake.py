"""A lake's tables without Spark: Delta's log read by delta-rs, queries run by DataFusion, no JVM started.

Rows that Delta has marked deleted (deletion vectors) are left out, as Spark leaves them out.
"""

import re
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, QueryBuilder

from mammoth_spark import config
from mammoth_spark.web.storage import folder_names, local_file


def table_names(lake: config.Lake) -> list[str]:
    return [name for name in folder_names(_folder(lake)) if DeltaTable.is_deltatable(f"{_folder(lake)}/{name}")]


def query(lake: config.Lake, sql: str) -> pa.RecordBatchReader:
    """The rows of a query over the lake's tables by their names, as they are read."""
    names = table_names(lake)
    if not names:
        raise ValueError(f"there are no tables in {_folder(lake)} yet; run a job with this run file first")
    builder = QueryBuilder()
    for name in names:
        if re.search(rf"\b{name}\b", sql):
            builder = builder.register(name, DeltaTable(f"{_folder(lake)}/{name}"))
    try:
        return pa.RecordBatchReader.from_stream(builder.execute(sql))
    except Exception as error:  # DataFusion's errors have no class of their own.
        message = " ".join(str(error).split()).replace("datafusion.public.", "")
        raise ValueError(f"{message}; the lake's tables are {', '.join(names)}") from None


def rows(lake: config.Lake, sql: str) -> Iterator[dict[str, Any]]:
    for batch in query(lake, sql):
        yield from batch.to_pylist()


def _folder(lake: config.Lake) -> str:
    if lake.path is None:
        raise ValueError(
            f"the tables are in the catalog {lake.catalog}.{lake.schema_name}; ask them by the platform's own SQL,"
            " or give the lake's folder with lake.path"
        )
    local = local_file(lake.path)
    # delta-rs knows none of Hadoop's names for S3.
    return re.sub(r"^s3[an]://", "s3://", lake.path.rstrip("/")) if local is None else str(local.absolute())
