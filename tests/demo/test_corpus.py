import gzip
import hashlib
import json
import re
from collections import Counter
from html import unescape
from pathlib import Path
from statistics import median

import pytest
from warcio.archiveiterator import ArchiveIterator

from mammoth_spark.demo.benchmarks import ten_grams
from mammoth_spark.demo.corpus import build_corpus
from mammoth_spark.demo.damage import DAMAGES
from mammoth_spark.demo.math_forms import FORMS
from mammoth_spark.demo.planting import GUISES
from tests.demo.conftest import NOT_PAGES, Web, open_web


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_arguments_give_the_same_bytes_and_another_seed_gives_others(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("three", 6)):
        build_corpus(tmp_path / name, pages=80, seed=seed, pages_per_warc=30)
    one, two, three = (files_of(tmp_path / name) for name in ("one", "two", "three"))
    assert one == two
    assert set(one) == set(three)
    differing = {name for name in one if one[name] != three[name]}
    assert {name for name in one if name.endswith(".warc.gz") or name == "truth.jsonl"} <= differing
    benchmarks = {name for name in one if name.startswith("benchmarks/")}
    assert len(benchmarks) == 3
    assert not benchmarks & differing


def test_what_is_written_changes_only_with_the_generator_version(web: Web) -> None:
    """A new digest here needs a new GENERATOR_VERSION, or folders made before would be taken for good.

    Bodies are unpacked, since not every zlib packs alike.
    """
    digest = hashlib.sha256()
    for truth in web.truth:
        digest.update(json.dumps(truth | {"offset": 0, "length": 0}, sort_keys=True).encode())
        if truth["damage"] is None:
            digest.update(web.read(truth).body)
    version = json.loads((web.corpus.folder / "corpus.json").read_text())["generator_version"]
    assert version == 5
    assert digest.hexdigest() == "bfe006cd75bd58e08fc258850161a44b1aa42c98e68b2769a2f4482c12e2c5fa"


def test_a_corpus_made_before_is_left_as_it_is(folder: Path) -> None:
    corpus = build_corpus(folder, pages=70, seed=2)
    corpus.truth.write_text("touched", encoding="utf-8")
    build_corpus(folder, pages=70, seed=2)
    assert corpus.truth.read_text(encoding="utf-8") == "touched"


def test_other_arguments_replace_a_corpus(folder: Path) -> None:
    build_corpus(folder, pages=90, seed=2, pages_per_warc=30)
    corpus = build_corpus(folder, pages=70, seed=3, pages_per_warc=100)
    names = sorted(path.name for path in folder.rglob("*.warc.gz"))
    assert names == ["DEMO-00000.warc.gz", "DEMO-damaged.warc.gz"]
    assert len(corpus.truth.read_text(encoding="utf-8").splitlines()) == 70 + 2 * len(DAMAGES) + 1


def test_an_unfinished_corpus_is_made_anew(folder: Path) -> None:
    corpus = build_corpus(folder, pages=70, seed=2)
    (folder / "corpus.json").unlink()
    corpus.truth.write_text("half", encoding="utf-8")
    build_corpus(folder, pages=70, seed=2)
    assert len(corpus.truth.read_text(encoding="utf-8").splitlines()) == 111


@pytest.mark.parametrize(("pages", "pages_per_warc"), [(0, 10), (10, 0)])
def test_senseless_sizes_are_refused(folder: Path, pages: int, pages_per_warc: int) -> None:
    with pytest.raises(ValueError, match="must be 1 or more"):
        build_corpus(folder, pages=pages, pages_per_warc=pages_per_warc)


def test_a_handful_of_pages_is_a_corpus_too(folder: Path) -> None:
    web = open_web(build_corpus(folder, pages=5, seed=1))
    assert len(web.truth) == 46


def test_the_manifest_lists_every_file_and_the_damaged_one_last(web: Web) -> None:
    prefix = "crawl-data/DEMO-2026-01/segments/1/warc/"
    assert web.manifest() == [prefix + name for name in (
        "DEMO-00000.warc.gz", "DEMO-00001.warc.gz", "DEMO-00002.warc.gz", "DEMO-damaged.warc.gz",
    )]  # fmt: skip


def test_files_are_laid_out_as_common_crawl_does(web: Web) -> None:
    with (web.corpus.folder / web.manifest()[0]).open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds[0] == "warcinfo"
    assert kinds[1:] == ["request", "response", "metadata"] * (len(kinds) // 3)


def test_each_record_stands_where_the_truth_says(web: Web) -> None:
    for truth in web.truth:
        if truth["damage"] is None:
            assert web.read(truth).url == truth["url"]


def test_a_sites_pages_are_spread_over_the_files(web: Web) -> None:
    files = {truth["warc_file"] for truth in web.truth if truth["site"] == "marrowgatetimes.com"}
    assert len(files) == 3


def test_urls_are_unique_and_belong_to_their_site(web: Web) -> None:
    urls = [truth["url"] for truth in web.truth]
    assert len(set(urls)) == len(urls)
    for truth in web.truth:
        host = truth["url"].split("/")[2]
        assert host == truth["site"] or host.endswith("." + truth["site"])


def test_shares_of_kinds_are_as_promised(web: Web) -> None:
    ordinary = [truth for truth in web.truth if "damaged" not in truth["warc_file"]]
    share = sum(truth["instructional"] for truth in ordinary) / len(ordinary)
    assert 0.13 <= share <= 0.20
    assert len({truth["site"] for truth in web.truth}) == 65
    kinds = {truth["kind"] for truth in web.truth}
    assert kinds == {
        "forum", "quiz", "textbook", "code_help", "faq", "news", "shop", "blog", "link_farm", "login_wall",
        "spam", "other_language", "about", "tag_index", "unanswered", "profile", "off_topic",
        "exercises_only", "home", "not_html", "not_found", "redirect",
    }  # fmt: skip
    assert {truth["language"] for truth in web.truth} == {"en", "de", "fr", "es", "ru", "zh", "ar", "ja"}
    subjects = {truth["subject"] for truth in web.truth if truth["instructional"]}
    assert subjects == {
        "mathematics", "physics", "chemistry", "biology", "computing", "law", "economics", "history",
    }  # fmt: skip
    marked = {truth["schema_org"] for truth in web.truth}
    assert {"QAPage microdata", "QAPage JSON-LD", "Quiz JSON-LD"} <= marked


def test_instructional_pages_are_those_with_pairs(web: Web) -> None:
    for truth in web.truth:
        assert truth["instructional"] == bool(truth["pairs"])


def test_no_question_stands_on_two_pages(web: Web) -> None:
    asked = Counter(question for truth in web.truth for question in {pair["question"] for pair in truth["pairs"]})
    assert [question for question, count in asked.items() if count > 1] == []


def test_every_way_to_write_formulas_occurs_with_its_formulas(web: Web) -> None:
    used = {truth["math_form"] for truth in web.truth if truth["instructional"]}
    assert {form.name for form in FORMS} <= used
    for truth in web.truth:
        assert bool(truth["formulas"]) == (truth["math_form"] is not None)
        for pair in truth["pairs"]:
            assert set(pair["formulas"]) <= set(truth["formulas"])


def test_formulas_are_listed_in_the_order_of_the_page(web: Web) -> None:
    kinds = set()
    for truth in web.sound_pages():
        if truth["math_form"] == "tex_parentheses":
            html = web.html(truth)
            content = html[html.index("<main") : html.index("</main>")]
            found = re.findall(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", content)
            written = [re.sub(r" \\tag\{\d+\}", "", unescape(inline or display)) for inline, display in found]
            assert written == truth["formulas"]
            kinds.add(truth["kind"])
    assert {"forum", "textbook", "login_wall"} <= kinds


def test_choices_hold_the_answer(web: Web) -> None:
    pairs = [pair for truth in web.truth for pair in truth["pairs"] if pair["choices"]]
    assert len(pairs) > 50
    for pair in pairs:
        assert pair["choices"].count(pair["answer"]) == 1
        assert len(set(pair["choices"])) == len(pair["choices"]) == 4


def test_an_accepted_answer_is_unique_on_a_forums_page(web: Web) -> None:
    forums = [truth for truth in web.truth if truth["kind"] in ("forum", "code_help") and truth["pairs"]]
    accepted = Counter(sum(pair["accepted"] for pair in truth["pairs"]) for truth in forums)
    assert set(accepted) == {0, 1}
    assert max(len(truth["pairs"]) for truth in forums) > 1


def test_questions_stand_on_their_pages_as_written(web: Web) -> None:
    for truth in web.sound_pages():
        html = web.html(truth)
        for pair in truth["pairs"]:
            if (
                not pair["formulas"]
                and not pair["code"]
                and "\n" not in pair["question"]
                and "`" not in pair["question"]
            ):
                escaped = pair["question"].replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
                assert escaped in html or escaped.encode("ascii", "xmlcharrefreplace").decode() in html


def test_boilerplate_markers_stand_outside_the_content(web: Web) -> None:
    for truth in web.sound_pages():
        html = web.html(truth)
        content = html[html.index("<main") : html.index("</main>")]
        assert len(truth["boilerplate"]) >= 4
        for marker in truth["boilerplate"]:
            assert marker in unescape(html)
            assert marker not in content


def test_charsets_are_declared_by_header_or_page(web: Web) -> None:
    seen: Counter[tuple[str, bool]] = Counter()
    for truth in web.sound_pages():
        record = web.read(truth)
        in_header = f"charset={truth['charset']}" in record.content_type
        in_page = truth["charset"].encode() in record.body[:400]
        assert in_header or in_page
        seen[truth["charset"], in_header] += 1
    assert {charset for charset, _ in seen} == {"utf-8", "iso-8859-1", "windows-1252", "shift_jis", "utf-16"}
    assert {("iso-8859-1", True), ("iso-8859-1", False), ("utf-16", True)} <= set(seen)
    assert ("utf-16", False) not in seen


def test_bodies_travel_plain_compressed_and_in_chunks(web: Web) -> None:
    seen: Counter[str] = Counter()
    for truth in web.sound_pages():
        head = gzip.decompress(web.member(truth)).split(b"\r\n\r\n")[1]
        seen["chunked"] += b"Transfer-Encoding: chunked" in head
        seen["gzip"] += b"\r\nContent-Encoding: gzip" in head
        seen["decoded by the crawler"] += b"X-Crawl-Content-Encoding: gzip" in head
        assert "</html>" in web.html(truth)
    assert seen["chunked"] > 5
    assert seen["gzip"] > 10
    assert seen["decoded by the crawler"] > 300


def test_what_is_no_page_is_in_the_truth_as_such(web: Web) -> None:
    statuses = {(truth["kind"], web.read(truth).status) for truth in web.truth if truth["kind"] in NOT_PAGES}
    assert statuses == {("not_html", "200"), ("not_found", "404"), ("redirect", "301")}
    pdf = next(truth for truth in web.truth if truth["url"].endswith(".pdf"))
    assert web.read(pdf).body.startswith(b"%PDF-")


@pytest.mark.parametrize(("weight", "low", "high"), [("demo", 19_000, 32_000), ("bench", 80_000, 125_000)])
def test_the_median_page_has_its_weight_and_pages_vary(folder: Path, weight: str, low: int, high: int) -> None:
    web = open_web(build_corpus(folder, pages=260, seed=4, weight=weight))  # type: ignore[arg-type]
    sizes = sorted(len(web.read(truth).body) for truth in web.sound_pages())
    assert low < median(sizes) < high
    assert sizes[0] < low / 2
    assert sizes[-1] > high * 2.5


def test_seed_sites_are_labelled_and_represent_all_kinds(web: Web) -> None:
    header, *lines = web.corpus.seed_sites.read_text(encoding="utf-8").splitlines()
    labels = dict(line.split(",") for line in lines)
    assert header == "site,label"
    assert Counter(labels.values()) == {"positive": 12, "negative": 12}
    pages = [truth for truth in web.truth if truth["seed"]]
    assert {truth["site"] for truth in pages} == set(labels)
    assert {"forum", "quiz", "textbook", "code_help", "faq", "news", "shop", "blog", "link_farm", "spam",
            "login_wall", "other_language"} <= {truth["kind"] for truth in pages}  # fmt: skip


def test_planted_items_are_the_only_ten_word_matches_with_a_benchmark(web: Web) -> None:
    grams: set[tuple[str, ...]] = set()
    for path in sorted(web.corpus.benchmarks.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            item = json.loads(line)
            grams |= ten_grams(item["question"]) | ten_grams(item["answer"])
    for number, truth in enumerate(web.sound_pages()):
        if truth["planted"]:
            continue
        texts = [text for pair in truth["pairs"] for text in (pair["question"], pair["solution"])]
        if number % 3 == 0:  # whole pages take their time
            texts.append(web.html(truth))
        assert not any(ten_grams(text) & grams for text in texts), truth["url"]


def test_every_guise_is_planted_and_names_an_item(web: Web) -> None:
    items = {
        json.loads(line)["item"]
        for path in web.corpus.benchmarks.glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    planted = [one for truth in web.truth for one in truth["planted"]]
    assert len(planted) == 21
    assert {one["kind"] for one in planted} == set(GUISES)
    assert {one["item"] for one in planted} <= items


def test_orders_stand_on_their_pages_each_with_its_own_canary(web: Web) -> None:
    ordered = [truth for truth in web.truth if truth["orders"]]
    assert len(ordered) == 18
    assert len({truth["orders"] for truth in ordered}) == 18
    assert len({truth["instructional"] for truth in ordered}) == 2
    for truth in ordered:
        assert truth["orders"] in web.html(truth)


def test_damaged_records_stand_between_sound_ones(web: Web) -> None:
    inside = [truth for truth in web.truth if "damaged" in truth["warc_file"]]
    assert [truth["damage"] for truth in inside[1::2]] == [damage.name for damage in DAMAGES]
    assert all(truth["damage"] is None and truth["undamaged"] for truth in inside[::2])
    for truth in inside[1::2]:
        assert truth["pairs"] if truth["undamaged"] else not truth["instructional"]
