"""What every contender works on: a corpus of heavy pages, a classifier of the paper's size, and the floor score.

All is made once, kept in one folder and made anew when what it came from has changed.
"""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from mammoth_spark import config
from mammoth_spark.demo.corpus import GENERATOR_VERSION, build_corpus
from mammoth_spark.text import classifier
from mammoth_spark.web.manifest import warc_paths
from mammoth_spark.web.recall import Page, read_page
from mammoth_spark.web.seeds import Wanted, seed_candidates
from mammoth_spark.web.site_lists import SiteLabels, site_labels
from mammoth_spark.web.warc import Tally, read_responses
from tests.bench import wording

LABEL = classifier.POSITIVE
KEPT_SHARE = 0.05
# The paper's classifier: 2M buckets of 256 floats are 2 GB.
# Few pages want more passes and larger steps than the paper's hundred thousand.
PAPER_SIZE = config.Classifier(epoch=10, lr=0.5)
SMALL = config.Classifier(buckets=50_000, dim=16, epoch=10, lr=0.5)
_SPARE_BYTES = 8 << 30
_HTTP = config.Http()
_PAGES = config.Pages()


@dataclass(frozen=True, slots=True)
class Inputs:
    folder: Path
    warc_files: tuple[Path, ...]
    pages: int
    """HTML pages in all files together, by our own count."""
    page_bytes_median: int
    words_median: int
    model: Path
    model_sha256: str
    floor_score: float


def prepared(folder: Path, pages: int, files: int, settings: config.Classifier) -> Inputs:
    """The corpus in so many WARC files, and a model and floor for it."""
    made_from = {
        "generator": GENERATOR_VERSION,
        "pages": pages,
        "files": files,
        "replaced_share": wording.REPLACED_SHARE,
        "lexicon_words": wording.LEXICON_WORDS,
        "classifier": settings.model_dump(),
        "kept_share": KEPT_SHARE,
    }
    model, facts_file, warcs = folder / "model.bin", folder / "inputs.json", folder / "warc"
    facts = json.loads(facts_file.read_text(encoding="utf-8")) if facts_file.is_file() else {}
    if facts.get("made_from") != made_from or not model.is_file():
        facts_file.unlink(missing_ok=True)
        labels = _write_warcs(folder / "web", warcs, pages, files)
        _train(warcs, labels, settings, model)
        sha256 = classifier.sha256_of(model)
        facts = {"made_from": made_from, "sha256": sha256, **_measured(warcs, model, sha256)}
        facts_file.write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    return Inputs(
        folder=folder,
        warc_files=tuple(sorted(warcs.iterdir())),
        pages=facts["html_pages"],
        page_bytes_median=facts["page_bytes_median"],
        words_median=facts["words_median"],
        model=model,
        model_sha256=facts["sha256"],
        floor_score=facts["floor_score"],
    )


def _write_warcs(web: Path, warcs: Path, pages: int, files: int) -> SiteLabels:
    """Writes the WARC files; gives the label of each site that has one."""
    corpus = build_corpus(web, pages=pages, weight="bench", pages_per_warc=pages // files)
    names = warc_paths(config.Crawl(manifests=[str(corpus.manifest)]), _HTTP)
    # The peers lose what stands behind a damaged record; speed is compared on sound files.
    sound = [web / name for name in names if "damaged" not in name]
    assert len(sound) == files, f"{corpus.manifest} names {len(sound)} sound files, not {files}"
    shutil.rmtree(warcs, ignore_errors=True)
    warcs.mkdir(parents=True)
    for seed, file in enumerate(sound):
        wording.write_varied(file, warcs / file.name, seed)
    return site_labels(str(corpus.seed_sites), _HTTP)


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


def _train(warcs: Path, labels: SiteLabels, settings: config.Classifier, model: Path) -> None:
    """Trains on the labelled sites' pages, in an order that mixes the labels."""
    needed = 2 * settings.buckets * settings.dim * 4 + _SPARE_BYTES
    free = shutil.disk_usage(model.parent).free
    if free < needed:
        raise ValueError(f"{model.parent} has {free >> 30} GB free; the model and the runs need {needed >> 30} GB")
    lines = [
        f"__label__{candidate.label} ".encode() + classifier.words_of(candidate.text) + b"\n"
        for file in sorted(warcs.iterdir())
        for candidate in seed_candidates(file.name, str(warcs), Wanted(labels, "site_list"), _PAGES, (), _HTTP)
        if candidate.reason is None
    ]
    Random(settings.seed).shuffle(lines)
    text = model.with_suffix(".txt")
    text.write_bytes(b"".join(lines))
    classifier.train(text, model, settings)


def _measured(warcs: Path, model: Path, sha256: str) -> dict[str, float]:
    """The score that KEPT_SHARE of the pages reach, and what the pages are like."""
    collapsed = classifier.load(model, sha256, LABEL)
    limit = _PAGES.max_page_mb << 20
    scores: list[float] = []
    sizes: list[int] = []
    words: list[int] = []
    for path in sorted(warcs.iterdir()):
        with path.open("rb") as file:
            for response in read_responses(file, limit, Tally()):
                page = read_page(response, limit, _PAGES.min_words)
                if isinstance(page, Page):
                    scores.append(collapsed.score(page.text.words))
                    sizes.append(len(page.html))
                    words.append(page.words)
    return {
        "floor_score": float(np.quantile(scores, 1 - KEPT_SHARE)),
        "html_pages": len(scores),
        "page_bytes_median": int(np.median(sizes)),
        "words_median": int(np.median(words)),
    }
