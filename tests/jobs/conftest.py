"""A lake that recalls with a model that is there already."""

from pathlib import Path

import pytest

from mammoth_spark import config
from mammoth_spark.demo.corpus import Corpus
from mammoth_spark.text.classifier import sha256_of
from tests.conftest import run_file_text


@pytest.fixture
def with_its_model(undisturbed: config.RunFile, corpus: Corpus, tmp_path: Path) -> Path:
    """A run file for a fresh lake that recalls with the undisturbed run's model."""
    models = list(Path(undisturbed.lake.files_folder, "models").glob("*.bin"))
    assert len(models) == 1
    path = tmp_path / "run.yaml"
    text = run_file_text(corpus, tmp_path / "lake")
    path.write_text(text.replace("recall: {", f"recall: {{model: {models[0]}, model_sha256: {sha256_of(models[0])}, "))
    return path
