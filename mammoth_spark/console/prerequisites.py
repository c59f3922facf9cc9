"""Checks what must be there before anything is installed, and names the Python to install into.

Runs under whatever `python3` is on the PATH, even a 3.6, so it uses the standard library and old syntax alone.
Prints the chosen interpreter on its standard output, or one line for each thing that is missing and ends with 1.
"""

import os
import re
import shutil
import subprocess
import sys
from typing import List, Optional  # noqa: UP035 (for Python 3.6 and later)

PYTHONS = ((3, 11), (3, 12), (3, 13))
JAVAS = (17, 21)


def output_of(command: List[str]) -> str:  # noqa: UP006
    """What a program prints, or nothing if it is not there or fails."""
    try:
        run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.decode("utf-8", "replace")


def python() -> Optional[str]:  # noqa: UP045
    """The first usable interpreter: the one asked for, `python3`, then each version by its name."""
    asked = os.environ.get("PYTHON")
    names = [asked] if asked else ["python3"] + [f"python{major}.{minor}" for major, minor in PYTHONS]
    probe = "import sys, venv, ensurepip; print(sys.version_info[0], sys.version_info[1], sys.executable)"
    for name in names:
        found = re.match(r"(\d+) (\d+) (.+)", output_of([name, "-c", probe]))
        if found and (int(found.group(1)), int(found.group(2))) in PYTHONS:
            return found.group(3)
    return None


def java_version() -> Optional[int]:  # noqa: UP045
    home = os.environ.get("JAVA_HOME")
    java = os.path.join(home, "bin", "java") if home else "java"  # noqa: PTH118
    found = re.search(r'version "(\d+)', output_of([java, "-version"]))
    return int(found.group(1)) if found else None


def main() -> None:
    missing = []
    interpreter = python()
    if interpreter is None:
        missing.append("Python 3.11, 3.12 or 3.13 with venv (Debian: apt-get install python3 python3-venv python3-dev)")
    java = java_version()
    if java not in JAVAS:
        found = "none is there" if java is None else f"found {java}"
        missing.append(f"a JDK 17 or 21, {found} (Debian: apt-get install openjdk-17-jdk-headless)")
    if not (shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")):
        missing.append("a C++ compiler, for fastText (Debian: apt-get install g++)")
    for line in missing:
        sys.stderr.write("mammoth-spark needs " + line + "\n")
    if missing:
        sys.exit(1)
    print(interpreter)


if __name__ == "__main__":
    main()
