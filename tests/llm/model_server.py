"""A real model behind a real server: SmolLM2-135M-Instruct, served by transformers on loopback."""

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

_ROOT = Path(__file__).parents[2]
_BIN = _ROOT / ".venv-models" / "bin"
MODEL = _ROOT / "build" / "models" / "SmolLM2-135M-Instruct"
_PATIENCE_S = 180.0


@contextmanager
def model_server() -> Iterator[str]:
    """Gives its base URL."""
    assert _BIN.is_dir(), f"{_BIN} is not there: run `make test-slow`, which installs it"
    offline = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": ""}
    if not MODEL.is_dir():
        MODEL.parent.mkdir(parents=True, exist_ok=True)
        writer = Path(__file__).with_name("save_small_model.py")
        subprocess.run([_BIN / "python", writer, MODEL], env=offline, check=True, capture_output=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    place = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with tempfile.TemporaryFile() as said:
        server = subprocess.Popen(
            [_BIN / "transformers", "serve", MODEL, *place], env=offline, stdout=said, stderr=subprocess.STDOUT
        )
        try:
            deadline = time.monotonic() + _PATIENCE_S
            while not _answers(f"http://127.0.0.1:{port}/health"):
                assert server.poll() is None, "the server of the model has ended"
                assert time.monotonic() < deadline, "the server of the model does not come up"
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.terminate()
            server.wait()


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 200
    except requests.ConnectionError:
        return False
