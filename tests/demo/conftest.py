"""One small corpus for all tests of the demo, and a way to read its records back by warcio alone."""

import gzip
import json
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from mammoth_spark.demo.corpus import Corpus, build_corpus

NOT_PAGES = ("not_html", "not_found", "redirect")


@dataclass(frozen=True)
class Read:
    """A record at the place that the truth names."""

    url: str
    status: str
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Web:
    """A corpus with its truth in memory."""

    corpus: Corpus
    truth: list[dict[str, Any]]

    def manifest(self) -> list[str]:
        return gzip.decompress(self.corpus.manifest.read_bytes()).decode().splitlines()

    def member(self, truth: dict[str, Any]) -> bytes:
        with (self.corpus.folder / truth["warc_file"]).open("rb") as file:
            file.seek(truth["offset"])
            return bytes(file.read(truth["length"]))

    def read(self, truth: dict[str, Any]) -> Read:
        record = next(iter(ArchiveIterator(BytesIO(self.member(truth)))))
        url = record.rec_headers.get_header("WARC-Target-URI")
        headers = record.http_headers
        body = record.content_stream().read()
        return Read(url, headers.get_statuscode(), headers.get_header("Content-Type"), body)

    def html(self, truth: dict[str, Any]) -> str:
        return self.read(truth).body.decode(truth["charset"])

    def sound_pages(self) -> list[dict[str, Any]]:
        return [one for one in self.truth if one["damage"] is None and one["kind"] not in NOT_PAGES]


def open_web(corpus: Corpus) -> Web:
    lines = corpus.truth.read_text(encoding="utf-8").splitlines()
    return Web(corpus, [json.loads(line) for line in lines])


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    """700 pages: enough for every kind of page and every way to write formulas."""
    return open_web(build_corpus(tmp_path_factory.mktemp("web"), pages=700, seed=1))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "corpus"
