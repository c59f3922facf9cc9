"""The endpoint by rules from the console, and what an estimate makes of it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import check_endpoint
import pytest
from pyspark.sql import SparkSession

from mammoth_spark import config
from mammoth_spark.console import estimate
from mammoth_spark.lake import rows
from mammoth_spark.llm.rules import RulesServer
from mammoth_spark.spark.stage import StageFailed

MAMMOTH = [sys.executable, "-m", "mammoth_spark.console.main"]


def test_a_command_finds_the_server_in_its_environment(tmp_path: Path) -> None:
    script = tmp_path / "ask.py"
    script.write_text(
        "import json, os, urllib.request as r\n"
        "body = json.dumps({'messages': [{'role': 'user', 'content': 'algebra'}]}).encode()\n"
        "print(json.load(r.urlopen(os.environ['MAMMOTH_ENDPOINT'] + '/chat/completions', body))['model'])\n"
    )
    ended = subprocess.run(
        [*MAMMOTH, "endpoint", "--", sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert ended.stdout == "mammoth-rules\n"


def test_an_unknown_fault_lists_all() -> None:
    ended = subprocess.run([*MAMMOTH, "endpoint", "--fault", "418=1"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "one byte each half second" in ended.stderr


def test_an_interrupted_command_ends_in_its_own_way(tmp_path: Path) -> None:
    script = tmp_path / "slow.py"
    script.write_text(
        "import sys, time\n"
        "try:\n    print('ready', flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(1)\n    print('cleaned up')\n    sys.exit(7)\n"
    )
    serving = subprocess.Popen(
        [*MAMMOTH, "endpoint", "--", sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert serving.stdout is not None
    assert serving.stdout.readline() == "ready\n"
    os.killpg(serving.pid, signal.SIGINT)
    out, error = serving.communicate(timeout=30)
    assert (out, error, serving.returncode) == ("cleaned up\n", "", 7)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "99999"], "--port 99999: "),
        (["--", "no-such-command"], "the command cannot be run: "),
        (["--fault", "429=0.7", "--fault", "500=0.7"], "--fault: the shares come to 1.4; "),
        (["--seconds", "-1"], "--seconds -1: "),
        (["--key-env", "NOT_SET_ANYWHERE"], "--key-env NOT_SET_ANYWHERE: "),
    ],
)
def test_what_cannot_be_started_is_told_in_one_line(arguments: list[str], told: str) -> None:
    ended = subprocess.run([*MAMMOTH, "endpoint", *arguments], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"error: {told}")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.slow
def test_the_stage_takes_over_what_an_estimate_has_paid(
    spark: SparkSession, undisturbed: config.RunFile, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with RulesServer() as server:
        endpoint = config.Endpoint(model="rules", base_url=server.base_url, price_in=1.0, price_out=2.0)
        lake = config.Lake(path=str(shutil.copytree(str(undisturbed.lake.path), tmp_path / "lake")))
        extraction = config.Extraction(model="rules")
        run_file = undisturbed.model_copy(
            update={"lake": lake, "llm": config.Llm(endpoints=[endpoint]), "extraction": extraction}
        )
        capped = run_file.model_copy(update={"llm": run_file.llm.model_copy(update={"max_calls": 5, "window": 1})})
        with pytest.raises(StageFailed, match=r"llm\.max_calls is reached"):
            check_endpoint.run(spark, capped)
        before = sum(server.calls.values())
        capsys.readouterr()
        with pytest.raises(ValueError, match=r"llm\.max_calls is reached by what check_endpoint has asked before"):
            estimate.run(capped, "check_endpoint", sample=10_000)
        estimate.run(run_file, "check_endpoint", sample=10_000)
        with pytest.raises(ValueError, match="little or nothing left to ask"):
            # The sample is in no table yet, and is not paid again.
            estimate.run(run_file, "check_endpoint", sample=10_000)
        asked = sum(server.calls.values())
        printed = capsys.readouterr().out
        check_endpoint.run(spark, run_file)
        # All pages were in the sample, so nothing was left to ask.
        assert sum(server.calls.values()) == asked
        with pytest.raises(ValueError, match="little or nothing left to ask"):
            estimate.run(run_file, "check_endpoint", sample=10_000)
    # What the ledger holds is no part of what it will cost.
    left = asked - before
    assert f"check_endpoint: {left:,} requests by a sample of {left}, " in printed
    assert "The hours follow from llm.window" in printed
    paid = list(rows(run_file.lake, "SELECT count(*) AS calls FROM llm_calls WHERE stage = 'check_endpoint'"))
    assert paid == [{"calls": asked}]
    assert os.environ.get("MAMMOTH_ENDPOINT") is None
