"""The recall stage over Spark Connect, where there are no RDDs and no sparkContext."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mammoth_spark import config
from mammoth_spark.lake import rows

PAGES = "SELECT * FROM recalled_pages ORDER BY warc_file, warc_offset, url"


@pytest.mark.slow
def test_recall_over_connect_gives_the_same_pages(undisturbed: config.RunFile, with_its_model: Path) -> None:
    environment = {**os.environ, "SPARK_REMOTE": "local[2]", "SPARK_LOCAL_IP": "127.0.0.1"}
    run = subprocess.run(
        [sys.executable, "jobs/recall_pages.py", "--conf", str(with_its_model)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert list(rows(config.load(with_its_model).lake, PAGES)) == list(rows(undisturbed.lake, PAGES))
