"""What must be there first is checked before anything is installed, with a line on what to install."""

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = "mammoth_spark/console/prerequisites.py"


def check(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT], capture_output=True, text=True, env={"PATH": str(path), **environment}, check=False
    )


def program(folder: Path, name: str, prints: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{prints}'\n")
    file.chmod(0o755)


def test_all_that_is_missing_is_named_with_the_remedy(tmp_path: Path) -> None:
    result = check(tmp_path)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "mammoth-spark needs Python 3.11, 3.12 or 3.13 with venv"
        " (Debian: apt-get install python3 python3-venv python3-dev)",
        "mammoth-spark needs a JDK 17 or 21, none is there (Debian: apt-get install openjdk-17-jdk-headless)",
        "mammoth-spark needs a C++ compiler, for fastText (Debian: apt-get install g++)",
    ]


def test_a_java_of_another_version_is_refused_by_its_number(tmp_path: Path) -> None:
    program(tmp_path, "python3", "3 12 /usr/bin/python3")
    program(tmp_path, "c++", "")
    program(tmp_path, "java", 'openjdk version "11.0.2" 2019-01-15')
    assert "a JDK 17 or 21, found 11" in check(tmp_path).stderr


def test_the_first_usable_python_is_chosen(tmp_path: Path) -> None:
    program(tmp_path, "python3", "3 9 /usr/bin/python3")
    program(tmp_path, "python3.13", "3 13 /opt/python3.13")
    program(tmp_path, "c++", "")
    program(tmp_path, "java", 'openjdk version "21.0.1" 2023-10-17')
    result = check(tmp_path)
    assert (result.returncode, result.stdout) == (0, "/opt/python3.13\n")


def test_java_home_goes_before_the_path(tmp_path: Path) -> None:
    program(tmp_path, "python3", "3 11 /usr/bin/python3")
    program(tmp_path, "c++", "")
    program(tmp_path, "java", 'openjdk version "8"')
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    program(home / "bin", "java", 'openjdk version "17.0.9"')
    assert check(tmp_path, JAVA_HOME=str(home)).returncode == 0
    assert os.access(home / "bin" / "java", os.X_OK)
