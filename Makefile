# The five verbs of the house (docs: README.md). Every target builds what it needs first.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo serve test check bench setup format

demo: setup  ## the whole street on this machine, nothing to configure (PORT=8000, RESET=1)
	@$(BIN)/python -m simulator.demo $(if $(RESET),--reset)

serve: setup  ## the real thing with config.toml: web + scheduler
	@$(BIN)/flask serve

test: .venv/dev.stamp  ## the whole suite, on SQLite and a real PostgreSQL
	@$(BIN)/python -m pytest -n 2

check: .venv/dev.stamp  ## what CI runs: format, lint, types, floors, tests
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory test

bench: .venv/dev.stamp  ## measured as ratios in one run; writes var/bench.json
	@$(BIN)/python -m bench

format: .venv/dev.stamp
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

setup: .venv/runtime.stamp

.venv/runtime.stamp: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Building .venv (about a minute the first time) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/runtime.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
