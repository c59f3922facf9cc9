import subprocess
import sys
from pathlib import Path

import pytest

from mammoth_spark.demo.__main__ import main


def test_the_command_writes_a_corpus_and_says_what_it_holds(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "mammoth_spark.demo",
        str(tmp_path / "web"),
        "--pages",
        "70",
        "--seed",
        "3",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "111 records in 2 WARC files" in done.stdout
    assert "20 damaged records" in done.stdout
    assert (tmp_path / "web" / "corpus.json").exists()


def test_a_senseless_number_of_pages_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([str(tmp_path), "--pages", "0"])
    assert "pages must be 1 or more, not 0." in capsys.readouterr().err
