# The two commands are `make run` and `make test`; both do their own set-up. `make` alone lists all.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help run test test-all lint format lock wheel clean debian-packages
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## /  make \1\t/' | expand -t 20

run: $(VENV)/runtime.stamp ## start Comity with the demo company (PORT=8000 to choose the port)
	@exec $(BIN)/comity demo --serve

test: debian-packages $(VENV)/test.stamp ## the tests, on SQLite and on PostgreSQL
	@$(BIN)/python tests/both_engines.py $(ARGS)

test-all: debian-packages $(VENV)/test.stamp ## the same with the long ones
	@$(BIN)/python tests/both_engines.py --full $(ARGS)

lint: $(VENV)/test.stamp ## style, types, the order of the rooms, dependencies
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache
	$(BIN)/mypy
	$(BIN)/deptry src
	@if find src -name '*.html' | grep -q .; then $(BIN)/djlint src --lint --quiet; fi

format: $(VENV)/test.stamp ## put the code into the house's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

wheel: $(VENV)/runtime.stamp ## dist/comity-*.whl
	$(BIN)/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

# Names, versions and hashes of every release file, so that any machine gets the same or nothing.
LOCK := CUSTOM_COMPILE_COMMAND="make lock" build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras \
	--allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options

lock: ## renew both lock files (UPGRADE=--upgrade for newer releases)
	test -x build/lock/bin/pip-compile || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet pip-tools; }
	$(LOCK) $(UPGRADE) --extra build --output-file requirements.lock pyproject.toml
	$(LOCK) $(UPGRADE) --extra test --constraint requirements.lock --output-file requirements-test.lock pyproject.toml

clean: ## remove what was built and installed; var/ with your data stays
	rm -rf $(VENV) build dist test-results .hypothesis .*_cache tools/assets/node_modules

# Set-up: a stamp newer than its lock means that there is nothing to do.
debian-packages:
	@deploy/debian-packages

$(VENV)/bin/python:
	@deploy/make-venv $(PYTHON) $(VENV)

$(VENV)/runtime.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Comity's packages into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/test.stamp: requirements-test.lock $(VENV)/runtime.stamp
	@echo "Installing the test tools into $(VENV) (once) ..."
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-test.lock
	@touch $@
