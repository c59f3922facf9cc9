"""The cards of a round's sites, from a Delta table and without Spark."""

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import write_deltalake

from mammoth_spark import config
from mammoth_spark.console import sites
from mammoth_spark.spark.tables import SITES


@pytest.fixture
def lake(tmp_path: Path) -> config.Lake:
    quantiles = [0.5, 0.8, 0.9, 0.95, 1.0]
    languages = [("en", 1150), ("de", 50)]
    exam = ("exam.org", "*", 1200, 0.91, quantiles, languages, ["Limits", None], ["What is it?", None])
    part = ("exam.org", "exam.org/shop/*", 1000, 0.7, quantiles, languages, ["\x1b[2JBuy\x07 it"], [""])
    open_ = ("new.net", "*", 1100, 0.99, quantiles, languages, ["Quiz"], [""])
    rows = [
        (1, 1, *exam, "selected", "it asks", "Qwen-72B", "f" * 64),
        (1, 1, *part, "rejected", "a\x1b]0;shop", "person", None),
        (1, 1, *open_, "open", None, None, None),
    ]
    columns = dict(zip(SITES.schema.names, map(list, zip(*rows, strict=True)), strict=True))
    write_deltalake(str(tmp_path / "lake" / "sites"), pa.Table.from_pydict(columns, SITES.arrow_schema))
    return config.Lake(path=str(tmp_path / "lake"))


def test_cards_show_counts_samples_and_verdict_by_score(lake: config.Lake, capsys: pytest.CaptureFixture[str]) -> None:
    sites.run(lake, 1, 100, None)
    new, exam, part = capsys.readouterr().out.rstrip("\n").split("\n\n")
    assert new.splitlines()[:2] == ["new.net", "  open"]
    assert exam.splitlines() == [
        "exam.org",
        "  selected by Qwen-72B: it asks",
        "  1,200 pages (1,150 en, 50 de), score 0.91 (0.50 0.80 0.90 0.95 1.00)",
        "    Limits | What is it?",
        "    (no title)",
    ]
    # What would steer a terminal is left out of strangers' words.
    assert part.splitlines()[:2] == ["exam.org/shop/*  (exam.org)", "  rejected by person: a ]0;shop"]
    assert part.isprintable() is False
    assert "\x1b" not in part
    assert "\x07" not in part


def test_some_cards_can_be_asked_for(lake: config.Lake, capsys: pytest.CaptureFixture[str]) -> None:
    sites.run(lake, 1, 100, "selected")
    assert capsys.readouterr().out.startswith("exam.org\n")
    sites.run(lake, 1, 1, None)
    assert capsys.readouterr().out.endswith("the first 1 of 3; --most shows more\n")
    with pytest.raises(ValueError, match="round 2 has no sites"):
        sites.run(lake, 2, 1, None)


def test_without_the_table_the_user_is_told_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"run jobs/group_sites\.py first"):
        sites.run(config.Lake(path=str(tmp_path)), 1, 1, None)
