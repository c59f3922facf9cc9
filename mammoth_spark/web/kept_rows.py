"""What a task has read of a file, kept beside the lake until its stage is done, for the run after a killed one."""

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa
from pyarrow import feather

from mammoth_spark.web.fetch import FetchError
from mammoth_spark.web.storage import put_bytes, read_bytes

Row = Mapping[str, Any]

_MOST_BYTES = 4 << 30


def kept_rows(
    folder: str, name: str, schema: pa.Schema, make: Callable[[], Iterable[Row]], is_whole: Callable[[Row], bool]
) -> Iterator[Row]:
    """The rows that are kept under a name, or those that are made, which are kept if the last of them says that they
    are whole."""
    path = f"{folder}/{hashlib.sha256(name.encode()).hexdigest()[:40]}.arrow"
    try:
        kept = feather.read_table(io.BytesIO(read_bytes(path, _MOST_BYTES)))
    except FetchError as problem:
        if problem.kind != "not_found":
            raise
    else:
        for batch in kept.to_batches(1_000):
            yield from batch.to_pylist()
        return
    made = list(make())
    if not made or is_whole(made[-1]):
        out = io.BytesIO()
        feather.write_feather(pa.Table.from_pylist(made, schema), out, compression="zstd")
        put_bytes(out.getvalue(), path)
    yield from made
