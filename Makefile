# The commands of daily work; `make` lists them. Only relative paths: the checkout's own path may contain spaces.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
# Long chaos runs: make chaos SEEDS=20 MINUTES=30, BROKER=rabbitmq; docs/reliability.md says what they mean.
export SEEDS MINUTES BROKER
BROKER := redis
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Sources are compiled once, not again by each of the many processes that a run starts.
unexport PYTHONDONTWRITEBYTECODE
# Some tests wait for processes while others compute: two for each of two cores, and not all of a kind at the end.
SPREAD := -n 4 --dist loadfile --no-loadscope-reorder
# Where the home folder is not ours to write in, pip has no cache and would warn about it.
ifneq ($(shell [ -w "$$HOME" ] && [ -O "$$HOME" ] && echo ours),ours)
export PIP_NO_CACHE_DIR := 1
endif

.PHONY: help venv demo test test-all lint browser bench chaos audit docs lock

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-10s %s\n' "$$name" "$$text"; done

venv: .venv/.installed ## Build .venv from requirements.lock and install the command mkt (PYTHON=… chooses the interpreter)

demo: venv ## Import 10,000 rows with the troubles of real life, start to finish, offline
	@$(BIN)/mkt demo

test: lint ## Everything that must hold before a change lands; about ten minutes on two cores
	$(BIN)/pytest -m "not slow and not browser" $(SPREAD)

test-all: lint ## The same, with the tests that take longer, and all examples of each property
	EXAMPLES=all $(BIN)/pytest -m "not browser and not rabbitmq" $(SPREAD)

browser: venv ## Open the reports in a headless Chromium (which must be on the PATH): requests, errors, contrast, phone and desk
	$(BIN)/pytest -m browser tests/browser

lint: venv ## Style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: venv ## Measure rows per second and memory; writes docs/benchmarks.md
	$(BIN)/python -m tests.bench

chaos: venv ## Break everything, one by one and at random: SEEDS=20 MINUTES=10 BROKER=rabbitmq; writes docs/reliability.md
	@mkdir -p build && rm -f build/chaos.jsonl
	CHAOS_RESULTS=build/chaos.jsonl $(BIN)/pytest -m "$(if $(filter rabbitmq,$(BROKER)),rabbitmq or brokers,chaos)"
	$(BIN)/python -m tests.chaos.page build/chaos.jsonl

audit: venv ## Check the installed packages: consistent, as locked, under licences that we may use
	$(BIN)/pip check
	$(BIN)/python -m tests.house.audit

docs: venv ## Write the generated parts of docs/ again
	$(BIN)/python -m tests.house.generate

lock: ## Resolve requirements.lock again from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --all-extras --python-version 3.11 pyproject.toml -o requirements.lock

# The environment is rebuilt from nothing when the lock changed, so that nothing stays that is no longer in it.
.venv/.locked: requirements.lock
	@python=$$($(FIND_PYTHON)) || { echo "$(NO_PYTHON)" >&2; exit 1; }; \
	echo "Building .venv with $$python: the first time takes a minute or two."; \
	"$$python" -m venv --clear .venv && \
	$(BIN)/python -m pip install --quiet --quiet --no-deps --require-hashes -r requirements.lock && \
	touch $@

.venv/.installed: .venv/.locked pyproject.toml
	@$(BIN)/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable . && touch $@

# Python 3.12 and 3.11 come first: for these an embedded Redis can be had as a package. A name on the PATH proves
# little (version managers leave names behind that only fail), so each is asked to run.
FIND_PYTHON = for name in $(if $(PYTHON),'$(PYTHON)',python3.12 python3.11 python3 python3.13 python3.14); do \
	if "$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo "$$name"; exit 0; fi; done; exit 1
NO_PYTHON = mkt needs Python 3.11 or later with its venv module, and $(or $(PYTHON),the PATH) has none: install it (on Debian: python3 and python3-venv), or name one with make venv PYTHON=/path/to/python3
