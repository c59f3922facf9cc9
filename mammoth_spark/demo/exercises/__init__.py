"""Parametrised exercises of eight subjects whose answers are right by computation."""

from collections.abc import Callable
from random import Random

from mammoth_spark.demo.exercises import (
    algebra,
    analysis,
    biology,
    chemistry,
    code_help,
    computing,
    economics,
    history,
    law,
    physics,
    translated,
)
from mammoth_spark.demo.exercises.exercise import Exercise

Template = Callable[[Random], Exercise]

TEMPLATES: dict[str, tuple[Template, ...]] = {
    "mathematics": algebra.TEMPLATES + analysis.TEMPLATES,
    "physics": physics.TEMPLATES,
    "chemistry": chemistry.TEMPLATES,
    "biology": biology.TEMPLATES,
    "computing": computing.TEMPLATES,
    "programming": code_help.TEMPLATES,
    "law": law.TEMPLATES,
    "economics": economics.TEMPLATES,
    "history": history.TEMPLATES,
    "german": translated.GERMAN,
    "french": translated.FRENCH,
}
"""Templates by shelf: the eight subjects (computing in two parts) and those in other languages."""


class ExerciseSource:
    """Draws exercises so that no question comes twice in a corpus."""

    def __init__(self, reserved: set[str]) -> None:
        self._asked = set(reserved)

    def draw(self, rng: Random, shelf: str) -> Exercise:
        """A new exercise from that shelf."""
        for _ in range(1000):
            exercise = rng.choice(TEMPLATES[shelf])(rng)
            if exercise.question not in self._asked:
                self._asked.add(exercise.question)
                return exercise
        raise ValueError(f"The exercises on {shelf} are used up: ask for fewer pages.")


__all__ = ["TEMPLATES", "Exercise", "ExerciseSource", "Template"]
