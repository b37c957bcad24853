# Diagnostics. `make help` lists what there is to type. Everything is installed into .venv of this folder.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_FLAGS := --quiet --disable-pip-version-check --require-hashes

.PHONY: help up test check fmt bench mutation chaos kills storm lock clean
.DEFAULT_GOAL := help

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

up: $(VENV)/base.stamp ## install what is missing, start everything, print where it is (PORT=, DEMO=0)
	@exec $(BIN)/python manage.py up

test: $(VENV)/dev.stamp chromium alertmanager ## run every test against real services and a real browser
	$(BIN)/python -m pytest -n auto $(ARGS)

check: $(VENV)/dev.stamp ## lint, format, types, import direction, migrations, schema, deploy settings
	@sh tools/check.sh $(BIN)

fmt: $(VENV)/dev.stamp ## format and mend what can be mended
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

bench: $(VENV)/dev.stamp ## run all benchmarks (quick); results go to benchmarks/results
	$(BIN)/python -m benchmarks.run_all --quick

mutation: $(VENV)/dev.stamp ## open each door of the product in turn: the access matrix must notice every one
	ALL_DOORS=1 $(BIN)/python -m pytest tests/guards/test_doors.py tests/guards/test_mutation.py -q -n auto

chaos: $(VENV)/dev.stamp ## kill the product's processes at random under load, then check every promise (KILLS=200, SEED=)
	@KILLS=$(KILLS) SEED=$(SEED) $(BIN)/python -m tests.flows.campaign

kills: $(VENV)/dev.stamp ## kill delivery workers between claim, call and record, and count what arrives (KILLS=200, SEED=)
	@KILLS=$(or $(KILLS),200) SEED=$(or $(SEED),7) $(BIN)/python -m pytest tests/flows/test_delivery_kills.py -q

storm: $(VENV)/dev.stamp ## 10,000 distinct errors of 50 services in 60 s: what is told, what it costs ingest (loopback, ends by itself)
	@$(BIN)/python -m benchmarks.storm

lock: $(VENV)/dev.stamp ## renew the pinned requirements from pyproject.toml
	@sh tools/lock.sh $(BIN)

clean: ## remove the virtual environment and caches (data in .data stays)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.PHONY: chromium alertmanager
chromium:
	@sh tools/chromium.sh

alertmanager:
	@sh tools/alertmanager.sh
	@sh tools/clients.sh

$(VENV)/bin/python:
	@sh tools/venv.sh $(PYTHON) $(VENV)

$(VENV)/base.stamp: requirements/base.txt | $(VENV)/bin/python
	@echo "Installing (a minute or two the first time)"
	@$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements/base.txt
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt | $(VENV)/bin/python
	@echo "Installing with tools for tests (a minute or two the first time)"
	@$(BIN)/python -m pip install $(PIP_FLAGS) -r requirements/dev.txt
	@touch $@ $(VENV)/base.stamp
