"""The run file: strict, typed, and clear about what is wrong."""

from pathlib import Path

import pytest

from mammoth_spark.config import RunFile, load, settings_sha256

DEMO = Path("conf/demo.yaml")
PAPER = Path("conf/paper.yaml")


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    path = tmp_path / "run.yaml"
    path.write_text("run: r\nlake: {path: /lake}\ncrawl: {manifests: [s3://bucket/warc.paths.gz]}\n")
    return path


def refusal(path: Path, *overrides: str, uses: tuple[str, ...] = ()) -> str:
    with pytest.raises(ValueError, match=r".") as caught:
        load(path, overrides, uses)
    return str(caught.value)


def test_the_paper_run_file_holds_every_number_of_the_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAMMOTH_LAKE", "s3://bucket/lake")
    monkeypatch.setenv("MAMMOTH_CONTACT", "you@example.org")
    paper = load(PAPER, uses=("lake", "http"))
    assert (paper.seeds.positives, paper.seeds.negatives) == (100_000, 100_000)
    fasttext = paper.classifier
    assert (fasttext.dim, fasttext.epoch, fasttext.lr, fasttext.word_ngrams, fasttext.min_count) == (256, 3, 0.1, 3, 3)
    assert paper.sites.min_pages == 1000
    assert (paper.sites.seen, paper.sites.chosen, paper.sites.target_documents) == (600_000, 50_000, 18_000_000)
    assert (paper.decontamination.ngram, paper.decontamination.short_text_words) == (10, (3, 9))
    assert paper.decontamination.check_answers
    assert (paper.extraction.expected_yield, paper.extraction.target_pairs) == (0.3, 5_000_000)
    assert len(paper.refinement.models) == 2
    assert paper.refinement.target_pairs == 10_000_000
    training = paper.training
    assert training.learning_rates == {"Mistral-7B": 5e-6, "Llama-3-8B": 1e-5, "Mixtral-8x7B": 1e-5, "Yi-34B": 1e-5}
    assert (training.global_batch, training.sequence_length, training.epochs) == (512, 4096, 2)
    assert (training.schedule, training.warmup_share, training.zero_stage) == ("cosine", 0.03, 3)
    assert {extra.name: extra.rows for extra in training.plus} == {
        "OpenHermes-2.5": 1_000_000,
        "Code-Feedback": 68_000,
        "MetaMathQA": 395_000,
        "Orca-Math": 200_000,
        "MATH-rewritten": 300_000,
    }
    assert training.plus[0].without == ["TheoremQA"]
    assert paper.evaluation.shots == {
        "TheoremQA": 5,
        "MATH": 4,
        "GSM8K": 4,
        "GPQA-diamond": 5,
        "MMLU-STEM": 5,
        "BBH": 3,
        "ARC-C": 8,
    }
    assert paper.evaluation.items == {
        "TheoremQA": 800,
        "MATH": 5000,
        "GSM8K": 1319,
        "GPQA-diamond": 198,
        "MMLU-STEM": 3134,
        "BBH": 6511,
        "ARC-C": 1172,
    }
    assert (paper.evaluation.max_new_tokens, paper.evaluation.greedy) == (2048, True)


def test_the_demo_run_file_is_read() -> None:
    assert load(DEMO).lake.path == "build/demo/lake"


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    assert refusal(DEMO, "recall.floor_scor=0.3") == (
        "conf/demo.yaml: recall.floor_scor: unknown key; the nearest known key is recall.floor_score"
    )


def test_an_unknown_key_of_a_list_s_member_is_refused_with_the_nearest_known_one() -> None:
    assert refusal(DEMO, "llm.endpoints=[{model: m, base_url: u, base_uri: v}]") == (
        "conf/demo.yaml: llm.endpoints.0.base_uri: unknown key; the nearest known key is llm.endpoints.base_url"
    )


def test_an_unknown_section_is_refused_with_the_nearest_known_one() -> None:
    assert refusal(DEMO, "recal.floor_score=0.3") == (
        "conf/demo.yaml: recal: unknown key; the nearest known key is recall"
    )


def test_the_catalog_schema_is_written_schema(minimal: Path) -> None:
    settings = load(minimal, ["lake={catalog: main, schema: web, files: /Volumes/main/web/files}"]).lake
    assert (settings.catalog, settings.schema_name) == ("main", "web")
    assert "nearest known key is lake.schema" in refusal(minimal, "lake.schem=web")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("recall.floor_score=high", "recall.floor_score: input should be a valid number, not 'high'"),
        ("crawl.files_per_wave=4.5", "crawl.files_per_wave: input should be a valid integer, not 4.5"),
        ("crawl.files_per_wave='4'", "crawl.files_per_wave: input should be a valid integer, not '4'"),
        ("recall.languages=[no]", "recall.languages.0: input should be a valid string, not False"),
        ("classifier.threads=2", "classifier.threads: input should be greater than or equal to 11, not 2"),
        ("lake.catalog=main", "lake: give either path, or catalog and schema"),
        ("recall.model=/m.bin", "recall: model and model_sha256 go together"),
        (
            "extraction.overlap_words=800",
            "extraction: overlap_words may be half of passage_words at most: all is read twice then",
        ),
        ("lake={}", "lake: give either path, or catalog and schema"),
    ],
)
def test_a_wrong_value_is_refused_with_file_key_and_value(override: str, message: str) -> None:
    assert refusal(DEMO, override) == f"conf/demo.yaml: {message}"


def test_each_mistake_has_a_line_of_its_own() -> None:
    lines = refusal(DEMO, "recall.floor_scor=1", "round=0").split("\n")
    assert len(lines) == 2
    assert all(line.startswith("conf/demo.yaml: ") for line in lines)


def test_a_missing_input_is_refused_only_by_commands_that_use_its_section(tmp_path: Path) -> None:
    path = tmp_path / "run.yaml"
    path.write_text("run: r\nlake: {path: /lake}\ncrawl: {manifests: [/nowhere/warc.paths.gz]}\n")
    assert refusal(path, uses=("crawl",)) == f"{path}: crawl.manifests: there is no /nowhere/warc.paths.gz"
    assert load(path, uses=("lake",)).crawl.manifests == ["/nowhere/warc.paths.gz"]
    overrides = ("crawl.manifests=[s3://bucket/warc.paths.gz]", "crawl.base=/nowhere")
    assert refusal(path, *overrides, uses=("crawl",)) == f"{path}: crawl.base: there is no /nowhere"


def test_an_environment_variable_is_filled_in_and_missed_by_name(
    minimal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONTACT", "you@example.org")
    monkeypatch.delenv("NOWHERE", raising=False)
    assert load(minimal, ["http.user_agent=me (${CONTACT})"], ("http",)).http.user_agent == "me (you@example.org)"
    message = refusal(minimal, "http.user_agent=me (${NOWHERE})", uses=("http",))
    assert message == f"{minimal}: http.user_agent: the environment variable NOWHERE is not set"


def test_an_override_keeps_its_yaml_type(minimal: Path) -> None:
    run_file = load(minimal, ["recall.languages=[en, de]", "classifier.lr=5e-6", "round=2"])
    assert run_file.recall.languages == ["en", "de"]
    assert run_file.classifier.lr == 0.000005
    assert run_file.round == 2


def test_an_override_without_a_value_is_refused(minimal: Path) -> None:
    assert refusal(minimal, "round") == "override 'round': write section.key=value"


def test_a_key_given_twice_is_refused(minimal: Path) -> None:
    minimal.write_text(minimal.read_text() + "run: other\n")
    assert "key 'run' is given twice" in refusal(minimal)


def test_a_missing_run_file_is_told_with_those_that_are_there() -> None:
    assert "conf/demo.yaml, conf/paper.yaml" in refusal(Path("conf/dmeo.yaml"))


def test_a_run_file_that_is_no_yaml_is_refused_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("run: [unclosed\n")
    assert str(path) in refusal(path)
    assert "line" in refusal(path)


def test_the_hash_of_settings_changes_with_any_of_them(minimal: Path) -> None:
    def hash_with(*overrides: str) -> str:
        return settings_sha256(load(minimal, overrides).recall, ["a.warc.gz"])

    assert hash_with() == hash_with("crawl.limit=7")
    assert hash_with() != hash_with("recall.floor_score=0.51")
    assert settings_sha256(["a", "b"]) != settings_sha256(["ab"])


def test_a_wrong_value_is_shown_as_it_was_written(minimal: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSWORD", "hunter2")
    message = refusal(minimal, "crawl.manifests=https://me:${PASSWORD}@example.org/warc.paths", uses=("crawl",))
    assert message.endswith("not 'https://me:${PASSWORD}@example.org/warc.paths'")


def test_a_file_url_is_looked_for_as_a_path(minimal: Path, tmp_path: Path) -> None:
    there, absent = tmp_path / "a list.paths", tmp_path / "none.paths"
    there.touch()
    manifests = f"crawl.manifests=['{there.as_uri()}']"
    assert load(minimal, [manifests], uses=("crawl",)).crawl.manifests == [there.as_uri()]
    assert "there is no file:" in refusal(minimal, f"crawl.manifests=['{absent.as_uri()}']", uses=("crawl",))


def test_a_key_that_a_command_cannot_do_without_is_missed(minimal: Path) -> None:
    with pytest.raises(ValueError, match=r"seeds\.sites: must be given"):
        load(minimal, needs=("seeds.sites",))


def test_every_setting_is_explained_beside_its_field() -> None:
    def fields(section: type, prefix: str) -> list[str]:
        missing = []
        for name, field in section.model_fields.items():
            if isinstance(field.annotation, type) and hasattr(field.annotation, "model_fields"):
                missing += fields(field.annotation, f"{prefix}{name}.")
            elif not field.description:
                missing.append(prefix + name)
        return missing

    assert fields(RunFile, "") == []
