"""The endpoint by rules, until it is interrupted or while a command runs."""

import os
import subprocess
import sys
from collections.abc import Sequence

from mammoth_spark.llm.rules import FAULTS, MODEL, RulesServer

VARIABLE = "MAMMOTH_ENDPOINT"
"""Through which a run file finds the server: `base_url: ${MAMMOTH_ENDPOINT}`."""


def run(port: int, seconds: float, faults: Sequence[str], command: Sequence[str]) -> int:
    """Serves on loopback; gives the command's exit code, or 0."""
    try:
        endpoint = RulesServer(dict(map(_share, faults)), seconds, port)
    except (OSError, OverflowError) as error:
        raise ValueError(f"--port {port}: {error}; leave it out to take a free one") from None
    with endpoint as server:
        if command:
            given = {**os.environ, VARIABLE: server.base_url}
            try:
                return subprocess.run(command, env=given, check=False).returncode  # noqa: S603 (the user's own)
            except OSError as error:
                raise ValueError(f"the command cannot be run: {error}") from None
        print(f"{MODEL} answers by rules; for run files: export {VARIABLE}={server.base_url}", file=sys.stderr)
        try:
            while server.wait(3600):
                pass
        except KeyboardInterrupt:
            print("", file=sys.stderr)
    return 0


def _share(text: str) -> tuple[str, float]:
    name, equals, share = text.partition("=")
    try:
        number = float(share)
    except ValueError:
        number = -1.0
    if name not in FAULTS or not equals or not 0 <= number <= 1:
        kinds = "\n".join(f"  {kind:16}{meaning}" for kind, meaning in FAULTS.items())
        raise ValueError(f"--fault {text!r}: write kind=share with a share from 0 to 1; there are\n{kinds}")
    return name, number
