"""The collapsed classifier against fastText itself, and the models that it refuses."""

import math
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest

from mammoth_spark import config
from mammoth_spark.text import classifier
from mammoth_spark.text.classifier import Classifier, words_of
from tests.text.synthetic import LABELS, OWN_WORDS, SHARED_WORDS, load, settings, text, trained, write_lines

# FNV-1a in 32 bits gives the words of each pair one hash; the training texts hold the first of `liquid`.
COLLIDING = ("liquid", "costarring", "declinate", "macallums", "altarage", "zinke")


@pytest.fixture(
    scope="module", params=[(1, 2), (2, 2), (3, 2), (2, 3)], ids=lambda param: f"{param[0]}-grams, {param[1]} labels"
)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    word_ngrams, labels = request.param
    return trained(tmp_path_factory.mktemp("model"), word_ngrams, LABELS[:labels])


def predicted(model: Any, content: str, label: str) -> float:
    """fastText's own probability, of which it returns 1e-5 more. It takes no line ends, and a text as pybind does."""
    labels, probabilities = model.predict([content.replace("\n", " ")], k=-1)
    return float(probabilities[0][labels[0].index(label)]) - 1e-5


def hostile_texts(chance: random.Random) -> list[str]:
    """One of each kind that a walk over words could get wrong."""
    base, other = text(chance, "positive", chance.randrange(1, 60)), text(chance, "negative", 10)
    return [
        base,
        text(chance, "positive", 200, own=1.0),
        text(chance, "negative", 200, own=1.0),
        base.replace(" ", "\n"),
        base.replace(" ", "\0"),
        base.replace(" ", " \t\v\f\r "),
        base + "\ud800" + other,
        "",
        " \t\v\f\r\0\n ",
        base.replace(" ", ""),
        f"{base} </s> {other}",
        f"{base}</s>{other} </s>",
        "</s>",
        f"{base} __label__positive __label__unknown __label__ {other}",
        "__label__positive",
        f"__label__negative{base}",
        f"\u202e{base[::-1]} עברית العربية",
        chance.randbytes(200).decode("utf-8", "replace"),
        "".join(chr(chance.randrange(0x20, 0x3000)) for _ in range(200)),
        "".join(chr(chance.randrange(0x10000, 0x20000)) + " " for _ in range(50)),
        "x" * chance.randrange(5000),
        " ".join(chance.choices(SHARED_WORDS, k=300)),
        " ".join(chance.choices([*COLLIDING, "alpha1", "été"], k=20)),
        chance.choice(SHARED_WORDS),
        "\u00a0\u2003\u0085 ".join(base.split()),
    ]


def test_scores_are_fasttexts_own_on_ten_thousand_texts(model: Path) -> None:
    reference = fasttext.load_model(str(model))
    for label in reference.get_labels():
        collapsed = load(model, label.removeprefix("__label__"))
        chance = random.Random(3)
        texts = [one for _ in range(400) for one in hostile_texts(chance)]
        assert len(texts) == 10_000
        scores = []
        for one in texts:
            content = one.encode("utf-8", "replace").decode()
            scores.append(collapsed.score(content.encode()))
            assert math.isclose(scores[-1], predicted(reference, content, label), abs_tol=1e-6, rel_tol=0), one
        # The comparison means something only if scores reach both ends.
        assert min(scores) < 0.01
        assert max(scores) > 0.99


def test_scores_are_fasttexts_own_on_texts_of_10_mb(model: Path) -> None:
    reference = fasttext.load_model(str(model))
    collapsed = load(model)
    spaces, one_word = " " * 10_000_000, "q" * 10_000_000
    unknown = "unknown " * 1_250_000
    for one in (spaces, one_word, spaces[:5_000_000] + "alpha1 beta2", one_word + " alpha1 common1"):
        assert abs(collapsed.score(one.encode()) - predicted(reference, one, "__label__positive")) < 1e-6
    if collapsed.word_ngrams == 1:
        assert abs(collapsed.score(unknown.encode()) - predicted(reference, unknown, "__label__positive")) < 1e-6


def test_on_a_million_known_words_fasttext_rounds_and_we_do_not(tmp_path: Path) -> None:
    model = trained(tmp_path, word_ngrams=1)
    reference = fasttext.load_model(str(model))
    chance = random.Random(5)
    words = chance.choices([*OWN_WORDS["positive"], *OWN_WORDS["negative"], *SHARED_WORDS], k=1_000_000)
    rows = np.array([reference.get_word_id(word) for word in [*words, "</s>"]])
    inputs, outputs = np.asarray(reference.f.getInputMatrix()), np.asarray(reference.f.getOutputMatrix())
    positive = reference.get_labels().index("__label__positive")

    def probability(hidden: np.ndarray) -> float:
        logits = outputs.astype(hidden.dtype) @ hidden
        exponents = np.exp(logits - logits.max())
        return float(exponents[positive] / exponents.sum())

    # fastText adds one row after the other in 32 bits; a sum of a million loses digits. Ours is the exact one.
    rounded = np.add.accumulate(inputs[rows], dtype=np.float32)[-1] * np.float32(1 / len(rows))
    exact = inputs[rows].mean(axis=0, dtype=np.float64)
    content = " ".join(words)
    assert abs(load(model).score(content.encode()) - probability(exact)) < 1e-7
    assert abs(predicted(reference, content, "__label__positive") - probability(rounded)) < 1e-6


def test_words_with_one_hash_are_told_apart_by_their_letters(tmp_path: Path) -> None:
    collapsed = load(trained(tmp_path, word_ngrams=1))
    assert collapsed.score(b"liquid alpha1") != collapsed.score(b"costarring alpha1")
    assert collapsed.score(b"costarring alpha1") == collapsed.score(b"neverseen alpha1")


def test_bytes_that_are_no_utf_8_are_scored_as_they_are(model: Path) -> None:
    collapsed = load(model)
    for content in (b"\xff\xfe alpha1 \x80", bytes(range(256)) * 10, b"alpha1\xc3 alpha2"):
        assert 0.0 <= collapsed.score(content) <= 1.0


def test_two_labels_share_one_probability_and_three_as_well(model: Path) -> None:
    labels = [label.removeprefix("__label__") for label in fasttext.load_model(str(model)).get_labels()]
    scores = [load(model, label).score(b"alpha1 common2 beta3 common4") for label in labels]
    assert math.isclose(sum(scores), 1.0, abs_tol=1e-9)


def test_a_classifier_is_small_and_survives_pickling(model: Path) -> None:
    collapsed = load(model)
    pickled = pickle.dumps(collapsed)
    assert len(pickled) < model.stat().st_size / 2  # Of a model of 16 dimensions; the paper's has 256.
    copy = pickle.loads(pickled)
    assert isinstance(copy, Classifier)
    assert copy.score(b"alpha1 common2") == collapsed.score(b"alpha1 common2")


def test_warming_needs_no_model() -> None:
    classifier.warm()


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("plain words", b"plain words"),
        ("a __label__positive b", b"a  positive b"),
        ("____label__label__", b"__ label__"),
        ("end</s>here </s>", b"end here  "),
        ("lone \ud800 surrogate", b"lone ? surrogate"),
        ("", b""),
    ],
)
def test_a_page_cannot_speak_to_fasttext(said: str, words: bytes) -> None:
    assert words_of(said) == words


# ---------------------------------------------------------------- training


def test_training_makes_a_model_that_tells_the_labels_apart(tmp_path: Path) -> None:
    collapsed = load(trained(tmp_path))
    chance = random.Random(8)
    for _ in range(100):
        assert collapsed.score(text(chance, "positive", 60).encode()) > 0.75
        assert collapsed.score(text(chance, "negative", 60).encode()) < 0.25


@pytest.mark.parametrize(
    ("dim", "buckets", "word_ngrams"), [(16, 20_001, 2), (16, 20_003, 3), (7, 20_000, 1), (13, 20_007, 2)]
)
def test_no_weight_is_left_to_what_the_memory_held(tmp_path: Path, dim: int, buckets: int, word_ngrams: int) -> None:
    lines = write_lines(tmp_path / "lines.txt", texts=300)
    chosen = settings(word_ngrams).model_copy(update={"dim": dim, "buckets": buckets, "epoch": 2, "threads": 10})
    chance = random.Random(dim)
    for attempt in range(4):
        # Freed memory of all sizes that a matrix may get, full of the largest numbers.
        used = [np.full(chance.randrange(1000, 500_000), np.float32(3e38)) for _ in range(20)]
        del used
        classifier.train(lines, tmp_path / f"{attempt}.bin", chosen)
        trained_model = fasttext.load_model(str(tmp_path / f"{attempt}.bin"))
        weights = np.asarray(trained_model.f.getInputMatrix())
        assert np.isfinite(weights).all()
        assert np.abs(weights).max() < 100


def test_a_training_that_diverges_says_what_to_lower(tmp_path: Path) -> None:
    lines = write_lines(tmp_path / "lines.txt", texts=300)
    wild = settings().model_copy(update={"lr": 1e30})
    with pytest.raises(ValueError, match=r"lower classifier\.lr"):
        train_and_load(lines, tmp_path / "model.bin", wild)


def train_and_load(lines: Path, model: Path, chosen: config.Classifier) -> None:
    """Whether fastText notices or not, the weights are no numbers."""
    classifier.train(lines, model, chosen)
    load(model)


def test_training_on_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "lines.txt").write_bytes(b"")
    with pytest.raises(ValueError, match="Empty vocabulary"):
        classifier.train(tmp_path / "lines.txt", tmp_path / "model.bin", settings())


# ---------------------------------------------------------------- refusals


def test_a_model_file_that_was_cut_or_changed_is_refused_by_its_hash(tmp_path: Path) -> None:
    model = trained(tmp_path)
    sha256, content = classifier.sha256_of(model), model.read_bytes()
    middle = len(content) // 2
    changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
    for damaged in (content[: len(content) * 3 // 10], content[: len(content) * 9 // 10], content[:-1], changed, b""):
        model.write_bytes(damaged)
        with pytest.raises(ValueError, match=f"not {sha256}: it is truncated, altered or another model"):
            classifier.load(model, sha256, "__label__positive")
    model.write_bytes(content)
    assert classifier.load(model, sha256, "__label__positive").sha256 == sha256


def test_a_label_that_the_model_has_not_is_named_with_those_that_it_has(tmp_path: Path) -> None:
    model = trained(tmp_path)
    with pytest.raises(ValueError, match="has no label __label__maths; it has __label__"):
        load(model, "maths")


def supervised(lines: Path, **changed: object) -> Any:
    usual = {"dim": 4, "epoch": 1, "wordNgrams": 2, "bucket": 1000, "thread": 11, "verbose": 0, "loss": "softmax"}
    return fasttext.train_supervised(input=str(lines), **(usual | changed))


def quantized(lines: Path) -> Any:
    model = supervised(lines)
    model.quantize(input=str(lines), cutoff=300)
    return model


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (quantized, r"is quantized \(qout, cutoff\)"),
        (lambda lines: supervised(lines, minn=2, maxn=4), "maxn=4"),
        (lambda lines: supervised(lines, loss="hs"), "loss=hs"),
        (lambda lines: supervised(lines, loss="ova"), "loss=ova"),
        (lambda lines: supervised(lines, loss="ns"), "loss=ns"),
        (
            lambda lines: fasttext.train_unsupervised(str(lines), "skipgram", dim=4, epoch=1, thread=11),
            "model=skipgram",
        ),
        (lambda lines: fasttext.train_unsupervised(str(lines), "cbow", dim=4, epoch=1, thread=11), "model=cbow"),
    ],
    ids=["quantized", "subwords", "hierarchical softmax", "one against all", "negative sampling", "skipgram", "cbow"],
)
def test_a_model_that_does_not_collapse_is_refused_by_its_setting(
    tmp_path: Path, make: Callable[[Path], Any], named: str
) -> None:
    path = tmp_path / "model.bin"
    make(write_lines(tmp_path / "lines.txt", texts=200)).save_model(str(path))
    with pytest.raises(ValueError, match=named):
        load(path)
