"""The Batch API of the endpoint by rules: files, and batches that end after a while."""

import json
import re
import threading
import time
from collections.abc import Callable
from typing import Any

Answer = Callable[[bytes], tuple[int, dict[str, Any]] | None]
"""Status and body for a request; None for one that expires. It may raise BatchFailed."""


class BatchFailed(Exception):
    """No request of the batch is answered."""


class Batches:
    def __init__(self, answer: Answer, seconds: float) -> None:
        self._answer, self._seconds = answer, seconds
        self._files: dict[str, bytes] = {}
        self._batches: dict[str, dict[str, Any]] = {}
        self._ends: dict[str, float] = {}
        self._lock = threading.Lock()

    @property
    def ordered(self) -> int:
        return len(self._batches)

    def forget(self) -> None:
        """As a server that has been started again."""
        with self._lock:
            self._files.clear()
            self._batches.clear()

    def get(self, path: str) -> dict[str, Any] | bytes | None:
        """What a GET is answered with: an object, a file's content, or None for what is not there."""
        with self._lock:
            if found := re.fullmatch(r"/v1/files/([^/]+)/content", path):
                return self._files.get(found[1])
            if found := re.fullmatch(r"/v1/batches/([^/?]+)", path):
                return self._looked_at(found[1])
            if path.startswith("/v1/batches"):
                return {"object": "list", "data": list(self._batches.values())}
            return None

    def post(self, path: str, body: bytes) -> dict[str, Any] | None:
        with self._lock:
            if path == "/v1/files":
                # The form's last part, between its own head and the boundary.
                content = body.partition(b'name="file"')[2]
                content = content.partition(b"\r\n\r\n")[2].rpartition(b"\r\n--")[0]
                return {"id": self._kept(content), "object": "file", "purpose": "batch"}
            if path == "/v1/batches":
                order = json.loads(body)
                if order["input_file_id"] not in self._files:
                    return None
                name = f"batch-{len(self._batches) + 1}"
                self._batches[name] = {
                    "id": name,
                    "object": "batch",
                    "status": "in_progress",
                    "input_file_id": order["input_file_id"],
                    "created_at": int(time.time()),
                }
                self._ends[name] = time.monotonic() + self._seconds
                return self._batches[name]
            return None

    def _looked_at(self, name: str) -> dict[str, Any] | None:
        batch = self._batches.get(name)
        if batch is None or batch["status"] != "in_progress" or time.monotonic() < self._ends[name]:
            return batch
        try:
            answers, errors = self._worked_through(self._files[batch["input_file_id"]])
        except BatchFailed:
            failures = {"object": "list", "data": [{"code": "invalid_file", "message": "it was told to fail"}]}
            batch["status"], batch["errors"] = "failed", failures
            return batch
        batch["status"] = "expired" if errors else "completed"
        batch["output_file_id"], batch["error_file_id"] = self._lines(answers), self._lines(errors)
        return batch

    def _worked_through(self, file: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        answers, errors = [], []
        for line in file.splitlines():
            request = json.loads(line)
            answered = self._answer(json.dumps(request["body"]).encode())
            if answered is None:
                expired = {"code": "batch_expired", "message": "it was not answered in time"}
                errors.append({"custom_id": request["custom_id"], "response": None, "error": expired})
            else:
                response = {"status_code": answered[0], "body": answered[1]}
                answers.append({"custom_id": request["custom_id"], "response": response, "error": None})
        return answers, errors

    def _lines(self, values: list[dict[str, Any]]) -> str | None:
        return self._kept("".join(json.dumps(value) + "\n" for value in values).encode()) if values else None

    def _kept(self, content: bytes) -> str:
        name = f"file-{len(self._files) + 1}"
        self._files[name] = content
        return name
