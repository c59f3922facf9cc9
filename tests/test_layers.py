"""The arrows between the layers point down: held by the imports as they stand in the code."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path("mammoth_spark")
# What each part of the package may import of the package; parts not named here are below all others.
ALLOWED = {
    "config": set(),
    "text": {"config", "text"},
    "web": {"config", "text", "web"},
    "progress": set(),
    "llm": {"config", "progress", "text", "web", "llm"},
    "lake": {"config", "web"},
    "process": set(),
    "spark": {"config", "process", "progress", "text", "web", "llm", "spark"},
    "training": {"config", "text", "lake", "training"},
    "evaluation": {"config", "text", "llm", "lake", "evaluation"},
    "demo": {"config", "text", "web", "lake", "console", "demo"},
    "console": {"config", "process", "progress", "text", "web", "llm", "lake", "console"},
}
# Heavy libraries and the only parts that may import them.
OWNERS = {
    "pyspark": {"spark"},
    "delta": {"spark"},
    "torch": {"training", "evaluation"},
    "transformers": {"training", "evaluation"},
    "deepspeed": {"training"},
    "fasttext": {"text"},
    "bs4": {"web"},
    "requests": {"web"},
    "aiohttp": {"web", "llm"},
    "deltalake": {"lake"},
}


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written from the package's root"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_a_module_imports_only_what_its_layer_may(path: Path) -> None:
    part = part_of(path)
    for name in imports_of(path):
        top, *rest = name.split(".")
        if top == "mammoth_spark":
            assert rest[0] in ALLOWED[part], f"{path} ({part}) imports {name}"
        elif top in OWNERS:
            assert part in OWNERS[top], f"{path} ({part}) imports {name}"


def test_spark_code_runs_over_connect_as_well() -> None:
    """No RDD and no sparkContext outside session.py: Spark Connect has neither."""
    for path in (*PACKAGE.joinpath("spark").glob("*.py"), *Path("jobs").glob("*.py")):
        if path.name == "session.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                assert node.attr not in {"rdd", "sparkContext", "_jdf", "_jvm", "_jsparkSession"}, (
                    f"{path}: {node.attr}"
                )


def test_importing_a_module_does_no_work() -> None:
    """At its top level a module only defines: it calls nothing that reads, connects or loads."""
    for path in MODULES:
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            assert not isinstance(node, ast.For | ast.While | ast.With | ast.Try), f"{path}:{node.lineno}"


def test_a_job_is_about_a_page_long() -> None:
    for path in Path("jobs").glob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 80, path
