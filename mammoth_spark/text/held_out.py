"""How well a classifier does on sites that it has not seen."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mammoth_spark.text.classifier import SCORE_BINS


@dataclass(frozen=True, slots=True)
class Measures:
    precision: float
    recall: float
    auc: float
    positive_histogram: list[int]
    negative_histogram: list[int]


def held_out_sites(labels: Mapping[str, str], share: float, seed: int) -> set[str]:
    """A share of the sites of each label, at least one and not all, chosen by hash: the same in any order, and most
    of them the same when sites are added."""
    chosen: set[str] = set()
    for label in sorted(set(labels.values())):
        sites = sorted((site for site in labels if labels[site] == label), key=lambda site: _rank(site, seed))
        if len(sites) < 2:
            raise ValueError(
                f"the seeds hold {len(sites)} {label} sites; a classifier is measured on sites that it was not"
                " trained on, so each label needs two at least"
            )
        chosen |= set(sites[: min(len(sites) - 1, math.ceil(share * len(sites)))])
    return chosen


def measure(positive_scores: Sequence[float], negative_scores: Sequence[float]) -> Measures:
    """Precision and recall at score 0.5, the area under the ROC curve, and the scores' histograms."""
    positive, negative = np.asarray(positive_scores), np.asarray(negative_scores)
    found = int((positive >= 0.5).sum())
    kept = found + int((negative >= 0.5).sum())
    return Measures(
        precision=found / kept if kept else 0.0,
        recall=found / positive.size if positive.size else 0.0,
        auc=_area_under_curve(positive, negative),
        positive_histogram=np.histogram(positive, SCORE_BINS, (0.0, 1.0))[0].tolist(),
        negative_histogram=np.histogram(negative, SCORE_BINS, (0.0, 1.0))[0].tolist(),
    )


def highest_threshold(scores: Sequence[float], worth: Sequence[int], max_lost: float) -> float:
    """Below which at most this share of the worth of positives lies: what scores less may be passed over."""
    left = max_lost * sum(worth)
    for score, value in sorted(zip(scores, worth, strict=True)):
        left -= value
        if left < 0:
            return score
    return 1.0


def _area_under_curve(positive: np.ndarray, negative: np.ndarray) -> float:
    """Probability that a positive page scores over a negative one; a tie counts half."""
    if not positive.size or not negative.size:
        return float("nan")
    ordered = np.sort(negative)
    below = np.searchsorted(ordered, positive, "left")
    not_above = np.searchsorted(ordered, positive, "right")
    return float((below + not_above).sum() / 2 / positive.size / negative.size)


def _rank(site: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed} {site}".encode()).digest()
