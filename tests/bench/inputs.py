"""What every contender works on: a corpus of heavy pages, a classifier of the paper's size, and the floor score.

All is made once, kept in one folder and made anew when what it came from has changed.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mammoth_spark import config
from mammoth_spark.demo.corpus import GENERATOR_VERSION, build_corpus
from mammoth_spark.text import classifier
from mammoth_spark.web.manifest import warc_paths
from mammoth_spark.web.recall import Page, read_page
from mammoth_spark.web.seeds import seed_candidates, site_labels
from mammoth_spark.web.warc import Tally, read_responses

LABEL = "__label__positive"
KEPT_SHARE = 0.05
# The paper's classifier: 2M buckets of 256 floats are 2 GB.
# Few pages want more passes and larger steps than the paper's hundred thousand.
PAPER_SIZE = config.Classifier(epoch=10, lr=0.5)
SMALL = config.Classifier(buckets=50_000, dim=16, epoch=10, lr=0.5)
_SPARE_BYTES = 8 << 30
_HTTP = config.Http()
_RECALL = config.Recall()


@dataclass(frozen=True, slots=True)
class Inputs:
    folder: Path
    warc_files: tuple[Path, ...]
    pages: int
    """HTML pages in all files together, by our own count."""
    page_bytes_median: int
    model: Path
    model_sha256: str
    floor_score: float


def prepared(folder: Path, pages: int, files: int, settings: config.Classifier) -> Inputs:
    """The corpus in so many WARC files, and a model and floor for it."""
    folder.mkdir(parents=True, exist_ok=True)
    web = folder / "web"
    corpus = build_corpus(web, pages=pages, weight="bench", pages_per_warc=pages // files)
    crawl = config.Crawl(manifests=[str(corpus.manifest)], base=str(web))
    # The peers lose what stands behind a damaged record; speed is compared on sound files.
    names = [name for name in warc_paths(crawl, _HTTP) if "damaged" not in name]
    assert len(names) == files, f"{corpus.manifest} names {len(names)} sound files, not {files}"
    made_from = {
        "generator": GENERATOR_VERSION,
        "pages": pages,
        "files": files,
        "classifier": settings.model_dump(),
        "kept_share": KEPT_SHARE,
    }
    model, facts_file = folder / "model.bin", folder / "model.json"
    facts = json.loads(facts_file.read_text(encoding="utf-8")) if facts_file.is_file() else {}
    if facts.get("made_from") != made_from or not model.is_file():
        facts_file.unlink(missing_ok=True)
        _train(names, web, site_labels(str(corpus.seed_sites), _HTTP), settings, model)
        sha256 = classifier.sha256_of(model)
        facts = {"made_from": made_from, "sha256": sha256, **_scores(names, web, model, sha256)}
        facts_file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return Inputs(
        folder=folder,
        warc_files=tuple(web / name for name in names),
        pages=facts["html_pages"],
        page_bytes_median=facts["page_bytes_median"],
        model=model,
        model_sha256=facts["sha256"],
        floor_score=facts["floor_score"],
    )


def repeated(inputs: Inputs, passes: int) -> list[str]:
    """The corpus so many times over, each time under other names; paths are relative to the inputs' folder.

    Hard links cost no disk, and a stage that reads each name once cannot tell them from other files."""
    names: list[str] = []
    for number in range(passes):
        again = inputs.folder / "passes" / f"{number:03}"
        again.mkdir(parents=True, exist_ok=True)
        for file in inputs.warc_files:
            link = again / file.name
            if not (link.exists() and link.samefile(file)):
                link.unlink(missing_ok=True)
                os.link(file, link)
            names.append(str(link.relative_to(inputs.folder)))
    return names


def _train(names: list[str], web: Path, labels: dict[str, str], settings: config.Classifier, model: Path) -> None:
    """Trains on the labelled sites' pages, in an order that mixes the labels."""
    needed = settings.buckets * settings.dim * 4
    free = shutil.disk_usage(model.parent).free
    if free < 2 * needed + _SPARE_BYTES:
        raise ValueError(f"{model.parent} has {free >> 30} GB free; the model and the runs need some 12 GB")
    lines = [
        f"__label__{candidate.label} ".encode() + classifier.words_of(candidate.text) + b"\n"
        for name in names
        for candidate in seed_candidates(name, str(web), labels, _RECALL, _HTTP)
        if candidate.reason is None
    ]
    np.random.default_rng(settings.seed).shuffle(lines)  # type: ignore[arg-type]
    text = model.with_suffix(".txt")
    text.write_bytes(b"".join(lines))
    classifier.train(text, model, settings)


def _scores(names: list[str], web: Path, model: Path, sha256: str) -> dict[str, float]:
    """The score that about KEPT_SHARE of the pages reach, and what the pages are like."""
    collapsed = classifier.load(model, sha256, LABEL)
    limit = _RECALL.max_page_mb << 20
    scores: list[float] = []
    sizes: list[int] = []
    for name in names:
        with (web / name).open("rb") as file:
            for response in read_responses(file, limit, Tally()):
                page = read_page(response, limit, _RECALL.min_words)
                if isinstance(page, Page):
                    scores.append(collapsed.score(page.text.words))
                    sizes.append(len(page.html))
    floor = float(np.quantile(scores, 1 - KEPT_SHARE))
    return {"floor_score": floor, "html_pages": len(scores), "page_bytes_median": int(np.median(sizes))}
