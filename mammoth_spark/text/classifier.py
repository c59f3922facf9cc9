"""The recall classifier: a fastText model collapsed to one number a row.

A supervised fastText model with softmax loss is linear: the difference of two labels' logits is the mean, over the
text's rows (words, then n-gram buckets), of `input[row] . (output[other] - output[label])`. That product is taken
once, when the model is loaded; what remains is a vector of a few megabytes in place of gigabytes, small enough for
a Spark function to close over, and 256 times less arithmetic a page. Scores equal fastText's own.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
from numpy.typing import NDArray

from mammoth_spark import config
from mammoth_spark.text import kernels

_END_OF_TEXT = np.frombuffer(b"</s>", np.uint8)
# Bins of a score's histogram, in tables and reports.
SCORE_BINS = 20
POSITIVE = "__label__positive"
"""The label for a page worth keeping, of the models that are trained here."""
# Each of fastText's first ten threads fills a tenth of the weights with random numbers, and only an eleventh fills what
# is left over by that division; else up to nine weights are whatever the memory held, and training can end in NaN.
_THREADS_THAT_FILL = 11
# Rows of a model's matrix multiplied at once: 64 MB of a 256-dimensional model.
_ROWS_AT_ONCE = 65_536


@dataclass(frozen=True, slots=True)
class Classifier:
    """Scores texts for one label. A plain value of NumPy arrays: it pickles small and loads at once."""

    sha256: str
    label: str
    label_prefix: NDArray[np.uint8]
    word_ngrams: int
    words_count: int
    vocabulary: NDArray[np.uint8]
    offsets: NDArray[np.int64]
    hashes: NDArray[np.uint32]
    slots: NDArray[np.int32]
    weights: NDArray[np.float32]

    def score(self, text: bytes) -> float:
        """Probability of the label for a UTF-8 text."""
        differences = kernels.mean_weights(
            np.frombuffer(text, np.uint8),
            self.weights,
            self.slots,
            self.vocabulary,
            self.offsets,
            self.hashes,
            self.words_count,
            self.label_prefix,
            _END_OF_TEXT,
            self.word_ngrams,
        )
        # exp of more than 700 overflows; the probability is 0 long before.
        return 1.0 / (1.0 + sum(math.exp(min(700.0, float(d))) for d in differences))


def words_of(text: str) -> bytes:
    """A text as the classifier reads it: UTF-8 without what fastText would take for its own."""
    if "__label__" in text:
        text = text.replace("__label__", " ")
    if "</s>" in text:
        text = text.replace("</s>", " ")  # The token that ends a text.
    # A lone surrogate has no UTF-8.
    return text.encode("utf-8", errors="replace")


def train(lines: Path, model: Path, settings: config.Classifier) -> None:
    """Trains fastText on a file of lines `__label__x words...` and saves the model."""
    try:
        trained = fasttext.train_supervised(
            input=str(lines),
            dim=settings.dim,
            epoch=settings.epoch,
            lr=settings.lr,
            wordNgrams=settings.word_ngrams,
            minCount=settings.min_count,
            bucket=settings.buckets,
            thread=max(_THREADS_THAT_FILL, settings.threads),
            seed=settings.seed,
            loss="softmax",
            verbose=0,
        )
    except RuntimeError as error:
        raise ValueError(f"fastText's training failed ({error}); if it diverged, lower classifier.lr") from error
    trained.save_model(str(model))


def load(model: Path, sha256: str, label: str) -> Classifier:
    """Loads and collapses a fastText model; refuses another file than the one that the hash names.

    The hash is no formality: a model file cut short still loads, and scores every text alike."""
    found = sha256_of(model)
    if found != sha256:
        raise ValueError(f"{model} has SHA-256 {found}, not {sha256}: it is truncated, altered or another model")
    trained = fasttext.load_model(str(model))
    _refuse_what_does_not_collapse(model, trained)
    labels = trained.get_labels()
    if label not in labels:
        raise ValueError(f"{model} has no label {label}; it has {', '.join(labels)}")
    words = [word.encode("utf-8", "surrogateescape") for word in trained.get_words(False, "surrogateescape")]
    arguments = trained.f.getArgs()
    weights = _collapsed(
        np.asarray(trained.f.getInputMatrix()), np.asarray(trained.f.getOutputMatrix()), labels.index(label)
    )
    if not np.isfinite(weights).all():
        raise ValueError(f"{model} holds weights that are no numbers: its training diverged; lower classifier.lr")
    return _classifier(
        sha256, label, arguments.label, arguments.wordNgrams, words, [name.encode() for name in labels], weights
    )


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def warm() -> None:
    """Compiles the kernels, or loads them from numba's cache, so that no page pays for it."""
    words = [b"a", b"b"]
    weights = np.zeros((len(words) + 1, 1), np.float32)
    _classifier("", "__label__a", "__label__", 2, words, [b"__label__a"], weights).score(b"a b c")


def _refuse_what_does_not_collapse(model: Path, trained: Any) -> None:
    arguments = trained.f.getArgs()
    if arguments.model.name != "supervised":
        raise ValueError(f"{model}: model={arguments.model.name}; only a supervised model classifies")
    if trained.is_quantized():
        raise ValueError(f"{model} is quantized (qout, cutoff): its rows are codes; give the .bin, not the .ftz")
    if arguments.loss.name != "softmax":
        raise ValueError(f"{model}: loss={arguments.loss.name} is not linear in its rows; train with loss=softmax")
    if arguments.maxn > 0:
        raise ValueError(f"{model}: maxn={arguments.maxn} uses subwords; train with minn=0, maxn=0")


def _collapsed(inputs: NDArray[np.float32], outputs: NDArray[np.float32], label: int) -> NDArray[np.float32]:
    """One column for each other label: how much a row speaks for it and against ours."""
    others = [row for row in range(outputs.shape[0]) if row != label]
    directions = (outputs[others].astype(np.float64) - outputs[label].astype(np.float64)).T
    weights = np.empty((inputs.shape[0], len(others)), np.float32)
    for begin in range(0, inputs.shape[0], _ROWS_AT_ONCE):
        block = inputs[begin : begin + _ROWS_AT_ONCE].astype(np.float64)
        weights[begin : begin + _ROWS_AT_ONCE] = block @ directions
    return weights


def _classifier(
    sha256: str,
    label: str,
    label_prefix: str,
    word_ngrams: int,
    words: Sequence[bytes],
    labels: Sequence[bytes],
    weights: NDArray[np.float32],
) -> Classifier:
    tokens = [*words, *labels]
    offsets = np.zeros(len(tokens) + 1, np.int64)
    np.cumsum([len(token) for token in tokens], out=offsets[1:])
    # No token holds white space, so that one walk over all of them gives each its hash.
    hashes = kernels.walk_words(np.frombuffer(b" ".join(tokens), np.uint8))[2]
    assert hashes.size == len(tokens), "a word of the model holds white space"
    slots = np.full(1 << (2 * len(tokens)).bit_length(), -1, np.int32)
    kernels.fill_slots(hashes, slots)
    return Classifier(
        sha256=sha256,
        label=label,
        label_prefix=np.frombuffer(label_prefix.encode(), np.uint8),
        word_ngrams=word_ngrams,
        words_count=len(words),
        vocabulary=np.frombuffer(b"".join(tokens), np.uint8),
        offsets=offsets,
        hashes=hashes,
        slots=slots,
        weights=weights,
    )
