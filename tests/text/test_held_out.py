"""Which sites a classifier is measured on, and what is measured."""

import math
import random

import pytest

from mammoth_spark.text.held_out import held_out_sites, highest_threshold, measure

LABELS = {f"site{number}.org": "positive" if number % 3 else "negative" for number in range(300)}


def test_each_label_gives_its_share_of_sites_rounded_up() -> None:
    held_out = held_out_sites(LABELS, 0.15, seed=1)
    assert sum(LABELS[site] == "positive" for site in held_out) == 30
    assert sum(LABELS[site] == "negative" for site in held_out) == 15
    few = {"a": "positive", "b": "positive", "c": "negative", "d": "negative"}
    assert len(held_out_sites(few, 0.01, seed=1)) == 2


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_each_label_has_sites_on_both_sides(share: float) -> None:
    for sites in (2, 3, 7):
        labels = {f"{label}{number}": label for label in ("positive", "negative") for number in range(sites)}
        held_out = held_out_sites(labels, share, seed=4)
        for label in ("positive", "negative"):
            of_label = {site for site in labels if labels[site] == label}
            assert of_label & held_out
            assert of_label - held_out


def test_the_choice_depends_on_the_seed_and_on_nothing_else() -> None:
    shuffled = list(LABELS.items())
    random.Random(2).shuffle(shuffled)
    assert held_out_sites(dict(shuffled), 0.15, seed=1) == held_out_sites(LABELS, 0.15, seed=1)
    assert held_out_sites(LABELS, 0.15, seed=2) != held_out_sites(LABELS, 0.15, seed=1)
    # A fixed choice: it must not change from one process to the next, as Python's own hash does.
    few = {f"s{number}": "positive" if number < 5 else "negative" for number in range(10)}
    assert held_out_sites(few, 0.2, seed=1) == {"s1", "s5"}


@pytest.mark.parametrize("sites", [{"a": "positive", "b": "positive", "c": "negative"}, {"a": "positive"}])
def test_a_label_of_one_site_is_refused(sites: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"the seeds hold 1 .* sites; .* each label needs two at least"):
        held_out_sites(sites, 0.1, seed=1)


def test_precision_and_recall_are_taken_at_one_half() -> None:
    measures = measure([0.9, 0.5, 0.4, 0.2], [0.6, 0.49, 0.1])
    assert measures.precision == 2 / 3
    assert measures.recall == 0.5


def test_the_area_under_the_curve_counts_a_tie_as_a_half() -> None:
    # Of 3 x 4 pairs: 0.9 beats all 4, 0.5 beats 2 and ties 1, 0.3 beats 1 and ties 1.
    assert measure([0.9, 0.5, 0.3], [0.1, 0.3, 0.5, 0.8]).auc == pytest.approx((4 + 2.5 + 1.5) / 12)
    assert measure([0.5] * 3, [0.5] * 7).auc == 0.5
    assert measure([0.9], [0.1]).auc == 1.0
    assert measure([0.1], [0.9]).auc == 0.0


def test_the_histograms_hold_every_score_in_twenty_bins() -> None:
    measures = measure([0.0, 0.04, 0.05, 0.999, 1.0], [0.5])
    assert measures.positive_histogram == [2, 1, *[0] * 17, 2]
    assert measures.negative_histogram == [*[0] * 10, 1, *[0] * 9]


def test_without_scores_there_is_no_area() -> None:
    measures = measure([], [])
    assert (measures.precision, measures.recall) == (0.0, 0.0)
    assert math.isnan(measures.auc)


@pytest.mark.parametrize(
    ("max_lost", "threshold"),
    [(0.0, 0.2), (0.1, 0.2), (0.2, 0.5), (0.59, 0.5), (0.6, 0.9), (1.0, 1.0)],
)
def test_the_highest_threshold_loses_no_more_than_is_allowed(max_lost: float, threshold: float) -> None:
    # Two of ten pairs lie in the lowest passage, four in the next.
    assert highest_threshold([0.9, 0.2, 0.5], [4, 2, 4], max_lost) == threshold
