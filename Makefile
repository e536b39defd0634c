# Needs Python 3.11 or newer and make; everything else goes into $(VENV).

# The first of these that really runs: a name on the PATH may be a launcher for a version that is not installed.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do $$p -c '' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
WORKERS ?= 2
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test slow coverage lint format types contract bench check clean

help:  ## Say what each target does
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /:/' | awk -F: '{printf "make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.installed  ## Play published tasks and ten of our own, and show what happens
	@$(BIN)/python examples/demo.py

test: $(VENV)/.installed-test  ## Run the tests (PYTEST_ARGS="-k name" for some of them)
	@$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report= --cov-fail-under=0 $(PYTEST_ARGS)

slow: $(VENV)/.installed-test  ## Run the tests that take long
	@$(BIN)/python -m pytest -m slow -n $(WORKERS) $(PYTEST_ARGS)

coverage: $(VENV)/.installed-test  ## Report what the last `make test` covered, and fail below the floor
	@$(BIN)/python -m coverage report

lint: $(VENV)/.installed-test  ## Check style and format
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .

format: $(VENV)/.installed-test  ## Mend style and format
	@$(BIN)/python -m ruff check --fix .
	@$(BIN)/python -m ruff format .

types: $(VENV)/.installed-test  ## Check types
	@$(BIN)/python -m mypy

contract: $(VENV)/.installed-test  ## Check that imports point downward only
	@$(BIN)/lint-imports

bench: $(VENV)/.installed-test  ## Measure speed and memory (BENCH_ARGS=--quick for a short run)
	@$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

check: lint types contract test coverage  ## Everything a change must pass

clean:  ## Remove what the other targets made
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	find claw_gym tests examples benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed and none was found; name one with make PYTHON=path." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1), so name another with make PYTHON=path." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# The stamps make a second run quick; a change of pyproject.toml installs again.
$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo "Installing claw_gym into $(VENV); this happens once and takes about a minute."
	@$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/.installed-test: pyproject.toml | $(VENV)/bin/python
	@echo "Installing claw_gym and its test tools into $(VENV); this happens once and takes about two minutes."
	@$(PIP_INSTALL) -e '.[test]'
	@touch $(VENV)/.installed $@
