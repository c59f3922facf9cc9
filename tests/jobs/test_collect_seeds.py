"""Seeds from sites that are visited: pages in, and a row with its reason for each address that gave none."""

from collections import Counter
from pathlib import Path
from typing import Any

import collect_seeds
import pytest
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.lake import rows
from mammoth_spark.spark.stage import StageFailed
from mammoth_spark.web.loopback import HOST
from tests.web.small_site import Page, SmallSite, html

WORDS = " ".join(f"exercise {number} has a solution" for number in range(20))
SEEDS = "SELECT url, root_url, label, source, warc_file FROM seed_pages WHERE source = 'crawl' ORDER BY url"
DROPPED = "SELECT id, reason, detail FROM dropped WHERE stage = 'collect_seeds' ORDER BY id"


def table(run_file: config.RunFile, sql: str) -> list[dict[str, Any]]:
    return list(rows(run_file.lake, sql))


def visiting(run_file: config.RunFile, site: SmallSite, starts: Path) -> config.RunFile:
    visits = config.Visits(sites=str(starts), connect_to=f"{HOST}:{site.port}", interval_s=0.0, deadline_s=2.0)
    stages = run_file.stages.model_copy(update={"max_failed_share": 0.9})
    return run_file.model_copy(update={"visits": visits, "stages": stages})


@pytest.fixture
def starts(tmp_path: Path) -> Path:
    path = tmp_path / "starts.csv"
    lines = ["start,discipline", "http://open.example/,law", "http://shut.example/,law", "http://away.example/,law"]
    path.write_text("\n".join(lines))
    return path


def test_visited_pages_are_seeds_and_what_gave_none_has_a_reason(
    spark: SparkSession, run_file: config.RunFile, starts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pages: dict[str, Page | list[Page]] = {
        "open.example/": html("/a", "/gone", "/private", text=WORDS),
        "open.example/a": html(text=WORDS),
        "open.example/private": html(text=WORDS),
        "open.example/robots.txt": Page(b"User-agent: *\nDisallow: /private\n"),
        "shut.example/robots.txt": Page(b"User-agent: *\nDisallow: /\n"),
        "shut.example/": html(text=WORDS),
        "away.example/robots.txt": [Page(b"", 503)],
        "away.example/": html(text=WORDS),
    }
    with SmallSite(pages) as site:
        collect_seeds.run(spark, visiting(run_file, site, starts))
        assert "shut.example/" not in site.paths
    told = capsys.readouterr().err
    assert "open.example: 2 pages" in told
    assert "shut.example: 0 pages (its robots.txt allows us no page)" in told
    seeds = table(run_file, SEEDS)
    assert [seed["url"] for seed in seeds] == ["http://open.example/", "http://open.example/a"]
    assert {(seed["label"], seed["root_url"]) for seed in seeds} == {("positive", "open.example")}
    reasons = {row["id"]: row["reason"] for row in table(run_file, DROPPED)}
    assert reasons == {
        "http://open.example/gone": "status_4xx",
        "http://open.example/private": "robots",
        "http://shut.example/": "robots",
        "http://away.example/": "crawl_failed",
    }
    (run,) = table(run_file, "SELECT * FROM stage_runs WHERE stage = 'collect_seeds'")
    assert run["failed_inputs"] == 1
    assert run["rows_in"] == run["rows_out"] + sum(number for _, number in run["dropped"])
    drops = Counter(reasons.values())
    assert all(dict(run["dropped"])[reason] >= number for reason, number in drops.items())
    # The site that was away is tried again, and no other is asked once more.
    pages["away.example/robots.txt"] = Page(b"")
    with SmallSite(pages) as site:
        collect_seeds.run(spark, visiting(run_file, site, starts))
        assert {path.partition("/")[0] for path in site.paths} == {"away.example"}
    assert {seed["root_url"] for seed in table(run_file, SEEDS)} == {"open.example", "away.example"}


def test_sites_alone_can_give_seeds(spark: SparkSession, run_file: config.RunFile, starts: Path) -> None:
    starts.write_text("start,discipline\nhttp://open.example/,law\n")
    alone = run_file.model_copy(update={"seeds": run_file.seeds.model_copy(update={"sites": None})})
    with SmallSite({"open.example/": html(text=WORDS)}) as site:
        collect_seeds.run(spark, visiting(alone, site, starts))
    assert len(table(run_file, SEEDS)) == 1


@pytest.mark.slow
def test_too_many_sites_that_are_away_fail_the_stage(
    spark: SparkSession, run_file: config.RunFile, starts: Path
) -> None:
    alone = run_file.model_copy(update={"seeds": run_file.seeds.model_copy(update={"sites": None})})
    with SmallSite({}) as site:
        site.pages = {f"{name}.example/robots.txt": Page(b"", 500) for name in ("open", "shut", "away")}
        with pytest.raises(StageFailed, match="3 of 3 WARC files and sites failed"):
            collect_seeds.run(spark, visiting(alone, site, starts))
