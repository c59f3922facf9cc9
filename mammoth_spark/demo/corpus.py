"""Writes the small web: WARC files, their manifest, seed sites, benchmarks and the truth about every page.

The same arguments give the same bytes (see records.py for the one thing they depend on besides). No stage of
the pipeline reads truth.jsonl: it is for measuring what the stages found.
"""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from mammoth_spark.demo import url_index
from mammoth_spark.demo.benchmarks import Item, all_items, write_benchmarks
from mammoth_spark.demo.chrome import Weight
from mammoth_spark.demo.damage import DAMAGES, Damage
from mammoth_spark.demo.plan import PlannedPage, make_plan
from mammoth_spark.demo.records import (
    Reply,
    gzip_member,
    metadata_record,
    request_record,
    response_record,
    warcinfo_record,
)
from mammoth_spark.demo.sites import SITES
from mammoth_spark.demo.writer import PageWriter, Truth

GENERATOR_VERSION = 5
"""Raise it with every change of what is written: a folder made by another version is made anew."""

SEGMENT = "crawl-data/DEMO-2026-01/segments/1/warc"
DATE = "2026-01-12T00:00:00Z"
DAMAGED_SITES = (
    "algebracorner.org",
    "askphysicslab.com",
    "quizvault.com",
    "physicsworksheets.net",
    "chemhelpdesk.org",
)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Where the parts of a corpus are."""

    folder: Path
    manifest: Path
    truth: Path
    seed_sites: Path
    exam_sites: Path
    ordinary_sites: Path
    benchmarks: Path
    index: Path


class _WarcFile:
    """One WARC file in the making."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = f"{SEGMENT}/{name}"
        self.short = name
        path = folder / self.name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = path.open("wb")
        self.file.write(gzip_member(warcinfo_record(name, DATE)))

    def add(self, reply: Reply, truth: Truth) -> Truth:
        """Request, response and metadata; the truth with the response's place."""
        self.file.write(gzip_member(request_record(reply, self.short)))
        member = gzip_member(response_record(reply, self.short))
        place = {"warc_file": self.name, "offset": self.file.tell(), "length": len(member)}
        self.file.write(member)
        charset, language = str(truth["charset"]), str(truth["language"])
        self.file.write(gzip_member(metadata_record(reply, charset.upper(), language, self.short)))
        return truth | place

    def add_damaged(self, reply: Reply, truth: Truth, damage: Damage) -> Truth:
        """A damaged record in the response's place; what cannot be read any more is no longer true of it."""
        made = damage.make(reply)
        place = {"warc_file": self.name, "offset": self.file.tell() + made.offset, "length": made.length}
        self.file.write(made.data)
        changed: Truth = {"damage": damage.name, "undamaged": damage.readable}
        if not damage.readable:
            changed |= {
                "instructional": False,
                "pairs": [],
                "formulas": [],
                "math_form": None,
                "schema_org": None,
            }
        return truth | place | changed


def _sound_files(
    folder: Path,
    writer: PageWriter,
    plan: list[PlannedPage],
    seed: int,
    pages_per_warc: int,
    progress: Callable[[int], None],
) -> Iterator[Truth]:
    """The pages in files, shuffled: a site's pages are spread over files."""
    files = max(1, -(-len(plan) // pages_per_warc))
    order = list(range(len(plan)))
    Random(f"files {seed}").shuffle(order)
    place_of = {number: place for place, number in enumerate(order)}
    # Pages are made in the order of the plan, as which questions are still free depends on those before;
    # so all files are open at once, and each page goes to the end of its own.
    warcs = [_WarcFile(folder, f"DEMO-{number:05}.warc.gz") for number in range(files)]
    try:
        for planned in plan:
            written = writer.write(planned)
            warc = warcs[place_of[planned.number] % files]
            yield warc.add(written.reply, written.truth)
            progress(planned.number + 1)
    finally:
        for warc in warcs:
            warc.file.close()


def _damaged_file(folder: Path, writer: PageWriter, first: int) -> Iterator[Truth]:
    """One file in which each damaged record stands between sound ones."""
    sites = [site for site in SITES if site.root in DAMAGED_SITES]
    warc = _WarcFile(folder, "DEMO-damaged.warc.gz")

    def page(number: int) -> PlannedPage:
        site = sites[number % len(sites)]
        return PlannedPage(first + number, site, "instructional", site.shelves[0], site.forms[0])

    with warc.file:
        written = writer.write_plain(page(0))
        yield warc.add(written.reply, written.truth)
        for place, damage in enumerate(DAMAGES):
            victim = writer.write_plain(page(2 * place + 1))
            yield warc.add_damaged(victim.reply, victim.truth, damage)
            sound = writer.write_plain(page(2 * place + 2))
            yield warc.add(sound.reply, sound.truth)


def _arguments(pages: int, seed: int, weight: Weight, pages_per_warc: int) -> dict[str, object]:
    return {
        "generator_version": GENERATOR_VERSION,
        "pages": pages,
        "seed": seed,
        "weight": weight,
        "pages_per_warc": pages_per_warc,
    }


def build_corpus(
    folder: Path,
    pages: int = 2000,
    seed: int = 1,
    weight: Weight = "demo",
    pages_per_warc: int = 250,
    progress: Callable[[int], None] = lambda done: None,
) -> Corpus:
    """Write a corpus into the folder, or leave it as it is if the same arguments made it before."""
    if pages < 1:
        raise ValueError(f"pages must be 1 or more, not {pages}.")
    if pages_per_warc < 1:
        raise ValueError(f"pages_per_warc must be 1 or more, not {pages_per_warc}.")
    corpus = Corpus(
        folder,
        folder / "warc.paths.gz",
        folder / "truth.jsonl",
        folder / "seed_sites.csv",
        folder / "exam_sites.csv",
        folder / "ordinary_sites.csv",
        folder / "benchmarks",
        folder / url_index.PLACE,
    )
    made_by = folder / "corpus.json"
    arguments = _arguments(pages, seed, weight, pages_per_warc)
    if made_by.exists() and json.loads(made_by.read_text(encoding="utf-8")) == arguments:
        return corpus
    made_by.unlink(missing_ok=True)
    shutil.rmtree(folder / "crawl-data", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)

    items: list[Item] = all_items()
    reserved = {text for item in items for text in (item.wording.question, item.near_miss.question)}
    writer = PageWriter(seed, weight, reserved)
    write_benchmarks(corpus.benchmarks, items)
    labels = [f"{site.root},{site.label}" for site in SITES if site.label]
    corpus.seed_sites.write_text("\n".join(["site,label", *labels]) + "\n", encoding="utf-8")
    ordinary = [f"{site.root},{site.label}" for site in SITES if site.label == "negative"]
    corpus.ordinary_sites.write_text("\n".join(["site,label", *ordinary]) + "\n", encoding="utf-8")
    begin = [f"http://{site.root}/,{' '.join(site.shelves)}" for site in SITES if site.label == "positive"]
    corpus.exam_sites.write_text("\n".join(["start,discipline", *begin]) + "\n", encoding="utf-8")

    files: set[str] = set()
    with corpus.truth.open("w", encoding="utf-8", newline="\n") as out:
        plan = make_plan(pages, seed, items)
        for truths in (
            _sound_files(folder, writer, plan, seed, pages_per_warc, progress),
            _damaged_file(folder, writer, len(plan)),
        ):
            for truth in truths:
                files.add(str(truth["warc_file"]))
                out.write(json.dumps(truth, sort_keys=True, ensure_ascii=False) + "\n")
    listed = "".join(f"{name}\n" for name in sorted(files))
    corpus.manifest.write_bytes(gzip_member(listed.encode()))
    url_index.write_index(folder, sorted(files))
    made_by.write_text(json.dumps(arguments, sort_keys=True) + "\n", encoding="utf-8")
    return corpus
