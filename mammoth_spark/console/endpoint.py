"""The endpoint by rules, until it is interrupted or while a command runs."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from mammoth_spark.llm.rules import FAULTS, MODEL, RulesServer

VARIABLE = "MAMMOTH_ENDPOINT"
"""Through which a run file finds the server: `base_url: ${MAMMOTH_ENDPOINT}`."""
KINDS = "\n".join(f"  {kind:16}{meaning}" for kind, meaning in FAULTS.items())


def run(port: int, seconds: float, faults: Sequence[str], key_env: str | None, command: Sequence[str]) -> int:
    """Serves on loopback; gives the command's exit code, or 0."""
    shares = dict(map(_share, faults))
    if sum(shares.values()) > 1:
        raise ValueError(f"--fault: the shares come to {sum(shares.values()):g}; a call meets one fault at most")
    if seconds < 0:
        raise ValueError(f"--seconds {seconds:g}: give 0 or more")
    if key_env is not None and not os.environ.get(key_env):
        raise ValueError(f"--key-env {key_env}: the environment variable is not set")
    endpoint = RulesServer(shares, seconds, port, os.environ[key_env] if key_env else None)
    with ExitStack() as running:
        try:
            server = running.enter_context(endpoint)
        except (OSError, OverflowError) as error:
            raise ValueError(f"--port {port}: {error}; leave it out to take a free one") from None
        if command:
            return run_with(command, VARIABLE, server.base_url)
        print(f"{MODEL} answers by rules; for run files: export {VARIABLE}={server.base_url}", file=sys.stderr)
        try:
            while server.wait(3600):
                pass
        except KeyboardInterrupt:
            print("", file=sys.stderr)
    return 0


def run_with(command: Sequence[str], variable: str, value: str) -> int:
    """Runs a command that finds a server by a variable in its environment; gives its exit code."""
    try:
        process = subprocess.Popen(command, env={**os.environ, variable: value})  # noqa: S603 (the user's own)
    except OSError as error:
        raise ValueError(f"the command cannot be run: {error}") from None
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            # It was interrupted as well, and ends in its own way.
            continue


def _share(text: str) -> tuple[str, float]:
    name, equals, share = text.partition("=")
    try:
        number = float(share)
    except ValueError:
        number = -1.0
    if name not in FAULTS or not equals or not 0 <= number <= 1:
        raise ValueError(f"--fault {text!r}: write kind=share with a share from 0 to 1; there are\n{KINDS}")
    return name, number
