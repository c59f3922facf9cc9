"""Texts of two or three made-up vocabularies, which a small model learns to tell apart."""

import random
from collections.abc import Sequence
from pathlib import Path

from mammoth_spark import config
from mammoth_spark.text import classifier

OWN_WORDS = {
    "positive": [f"alpha{number}" for number in range(200)],
    "negative": [f"beta{number}" for number in range(200)],
    "other": [f"gamma{number}" for number in range(200)],
}
SHARED_WORDS = [f"common{number}" for number in range(300)] + [
    "été",
    "naïve",
    "数学",
    "математика",
    "x" * 300,
    "liquid",
]
LABELS = tuple(OWN_WORDS)


def text(chance: random.Random, label: str, words: int, own: float = 0.3) -> str:
    """Words of which a share is the label's own."""
    return " ".join(chance.choice(OWN_WORDS[label] if chance.random() < own else SHARED_WORDS) for _ in range(words))


def settings(word_ngrams: int = 2) -> config.Classifier:
    """Quick to train, and strong enough that scores lie beyond 0.01 and 0.99."""
    return config.Classifier(dim=16, epoch=12, lr=0.5, word_ngrams=word_ngrams, min_count=2, buckets=20_000)


def write_lines(path: Path, labels: Sequence[str] = LABELS[:2], texts: int = 1500) -> Path:
    chance = random.Random(1)
    lines = []
    for number in range(texts):
        label = labels[number % len(labels)]
        lines.append(f"__label__{label} {text(chance, label, 40)}\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path


def trained(folder: Path, word_ngrams: int = 2, labels: Sequence[str] = LABELS[:2]) -> Path:
    """The file of a model."""
    model = folder / f"model-{word_ngrams}-{len(labels)}.bin"
    classifier.train(write_lines(folder / "lines.txt", labels), model, settings(word_ngrams))
    return model


def load(model: Path, label: str = "positive") -> classifier.Classifier:
    return classifier.load(model, classifier.sha256_of(model), f"__label__{label}")
