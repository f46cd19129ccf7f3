# A bare `make` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8180
BROKER ?= embedded

.DEFAULT_GOAL := help
.PHONY: help setup up demo test test-all compose bench docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 18

$(VENV)/.ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

setup: $(VENV)/.ready  ## make .venv with everything in it (the command is .venv/bin/vansim)

up: $(VENV)/.ready  ## run the network until Ctrl-C (PORT=8180, BROKER=embedded or amqp://...)
	$(BIN)/vansim up --port $(PORT) --broker $(BROKER)

demo: $(VENV)/.ready  ## send letters both ways, show their story, exit 0 when every receipt came back
	$(BIN)/vansim demo --broker $(BROKER)

test: $(VENV)/.ready  ## every check: ruff, mypy, import-linter, pytest (PYTEST="tests/envelope -n 0" for a part, LONG=yes for all)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n auto $(or $(PYTEST),$(if $(LONG),,-m "not long") --cov --cov-report=term --cov-fail-under=95)

test-all:  ## the same, with the tests that take long: processes killed, brokers and databases stopped, large letters
	$(MAKE) test LONG=yes

compose: $(VENV)/.ready  ## bring docker-compose.yml up for real and hold it to this README (Docker, or root on Debian)
	$(BIN)/python -m tests.compose

bench: $(VENV)/.ready  ## the README's figures, each beside its named peer
	$(BIN)/python -m tests.bench

docs: $(VENV)/.ready  ## renew the list of errors, docs/errors.md
	$(BIN)/python -m simulator.error_list > docs/errors.md

lock:  ## renew the lock files: exact versions and hashes, no index named
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --no-strip-extras --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --annotation-style=line --extra postgres --output-file requirements.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --no-strip-extras --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --annotation-style=line --extra postgres --extra dev --output-file requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile --quiet --upgrade --generate-hashes --allow-unsafe --no-strip-extras --no-header --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --annotation-style=line --build-deps-for wheel --only-build-deps --output-file requirements-build.lock pyproject.toml

clean:  ## remove the environment and the caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
