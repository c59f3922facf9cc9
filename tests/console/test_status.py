"""mammoth status: what each stage has done, how fast, what it dropped and why."""

from pathlib import Path

import pytest

from mammoth_spark import config
from mammoth_spark.console import status


def test_each_stage_is_shown_with_its_rows_and_reasons(
    undisturbed: config.RunFile, capsys: pytest.CaptureFixture[str]
) -> None:
    status.run(undisturbed.lake)
    output = capsys.readouterr().out
    lines = output.splitlines()
    assert " ".join(lines[0].split()) == "stage round waves tried failed rows in rows out seconds rows/s began (UTC)"
    assert [line.split()[:3] for line in lines[2:5]] == [
        ["collect_seeds", "1", "1"],
        ["train_recall", "1", "1"],
        ["recall_pages", "1", "3"],
    ]
    assert "recall_pages round 1 dropped: " in output
    assert " low_score" in output
    assert "WARC files of round 1, damaged places read past: " in output


def test_a_lake_in_which_nothing_ran_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no stage has run in this lake yet"):
        status.run(config.Lake(path=str(tmp_path)))
