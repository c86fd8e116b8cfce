# Everything a person runs here. `make help` lists it; every target may be run twice, the second time does only what changed.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DELETE_ON_ERROR:
.NOTPARALLEL:  # targets share .venv and print for one reader; pytest and publish use the cores
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
DEMO ?= demo
TESTS ?=
FUZZ ?= 600
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --no-input
# program=Debian package: what some tests start besides Python. tests/conftest.py skips by the same names.
TEST_PACKAGES := soffice=libreoffice-writer libreoffice-calc git=git curl=curl npm=npm java=default-jre-headless javac=default-jdk-headless libowlapi-java chromium=chromium Rscript=r-base-core minisign=minisign rapper=raptor2-utils node-n3 fc-list=fontconfig fonts-noto-cjk libatomic1 virtuoso-t=virtuoso-opensource-7-bin nginx=nginx-light openssl=openssl systemd-analyze=systemd

.PHONY: help setup demo test package check format bench soak lock clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.runtime .venv/.editor  ## .venv with .venv/bin/fiscalkg, by plain pip from requirements.lock; the query editor
	@echo "ready: $(BIN)/fiscalkg --help"

demo: .venv/.runtime .venv/.editor  ## publish examples/ into demo/ and serve it at http://127.0.0.1:8000 (PORT=)
	@echo "publishing examples/ into $(DEMO)/ …"
	$(BIN)/fiscalkg publish examples --out "$(DEMO)"
	exec $(BIN)/fiscalkg serve "$(DEMO)" --port "$(PORT)"

test: .venv/.dev  ## every test; brings the Debian packages they need where it may (TESTS= for some)
	@.ci/debian-packages $(TEST_PACKAGES)
	$(MAKE) --no-print-directory build/node/.ready
	$(BIN)/python -m pytest -q -n $$(( $$(nproc) * 3 / 2 )) --dist loadfile $(TESTS)  # they wait for servers and browsers half of the time

package: .venv/.dev  ## the built wheel in an environment of its own
	@$(BIN)/python -m pytest -q -m package

check: .venv/.dev build/types/.links  ## format, lint, types; no tests
	@echo "ruff format, ruff check, mypy …"
	$(BIN)/ruff format --check --quiet . || { echo "not formatted: run make format" >&2; exit 1; }
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy --no-error-summary
	echo "check: fine"

format: .venv/.dev  ## write the format that check asks for
	@$(BIN)/ruff format --quiet .
	$(BIN)/ruff check --fix --quiet .

bench: .venv/.dev  ## every measurement of benchmarks/, one after another, then the table of marks (50 minutes)
	@.ci/debian-packages wrk=wrk
	for file in benchmarks/[!_]*.py; do
	  [ -e "$$file" ] || { echo "benchmarks/ holds no measurement yet"; break; }
	  echo "== $$file"
	  $(BIN)/python "$$file"
	done
	$(BIN)/python benchmarks/_advice.py
	$(BIN)/python benchmarks/_marks.py

soak: .venv/.dev  ## the long tests, fuzzing (FUZZ= seconds each), and setup and tests in a bare Debian (as root)
	@$(BIN)/python -m pytest -q -m soak || [ $$? -eq 5 ]  # 5: no test is marked soak
	for what in values texts grids; do
	  $(BIN)/python tests/fuzz/coverage_guided.py $$what -max_total_time=$(FUZZ) -artifact_prefix=build/
	done
	tests/bare-debian.sh

lock: .venv/.dev  ## write the lock files anew from pyproject.toml and site/editor/package.json
	@compile="$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes"
	compile="$$compile --no-emit-index-url --no-annotate --group build"
	$$compile --custom-compile-command "make lock" pyproject.toml --output-file requirements.lock
	$$compile --custom-compile-command "make lock" --group dev --constraint requirements.lock \
	  pyproject.toml --output-file requirements-dev.lock
	compile="$${compile% --group build} --group node"
	$$compile --custom-compile-command "make lock" --output-file requirements-node.lock
	cd site/editor && npm update --package-lock-only --silent

clean:  ## remove all that was made: .venv, build, demo, caches
	@rm -rf .venv build site/assets/editor site/editor/node_modules "$(DEMO)" dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the targets above stand on: one stamp a step ---

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	  echo "$(PYTHON) is older than 3.11 or missing: name another with make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/debian-packages python3-venv
	$(PYTHON) -c 'import ensurepip' 2>/dev/null || {
	  echo "$(PYTHON) lacks ensurepip: install python3-venv (apt-get install python3-venv), then run make again" >&2; exit 1; }
	echo "making .venv with $$($(PYTHON) --version) …"
	$(PYTHON) -m venv .venv
	touch $@

# setuptools first: one requirement is a source archive, and neither it nor the project may fetch an unpinned one.
.venv/.runtime: requirements.lock pyproject.toml .venv/.python
	@echo "installing what fiscalkg needs from requirements.lock (about a minute the first time) …"
	sed -n '/^setuptools==/,/[^\\]$$/p' requirements.lock > .venv/setuptools.lock
	$(PIP) install --require-hashes -r .venv/setuptools.lock
	$(PIP) install --require-hashes --no-build-isolation -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	touch $@

# The packages come from the npm registry: where it cannot be reached all but the editor is there, and make tries again.
.venv/.editor: setup.py requirements-node.lock $(wildcard site/editor/*.* site/editor/src/*.js) .venv/.runtime
	@command -v node npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)' || {
	  echo "no Node.js here: installing the one of PyPI (60 MB) …"
	  $(PIP) install --require-hashes -r requirements-node.lock; }
	echo "building the query editor from site/editor/package-lock.json …"
	if $(BIN)/python setup.py --quiet bundle; then touch $@; fi

.venv/.dev: requirements-dev.lock .venv/.runtime .venv/.editor
	@echo "installing what the tests need from requirements-dev.lock (about a minute the first time) …"
	$(PIP) install --require-hashes --no-build-isolation -r requirements-dev.lock
	touch $@

# mypy finds the import name fiscalkg.loader only where a folder fiscalkg holds it.
build/types/.links:
	@mkdir -p build/types/fiscalkg
	for folder in loader endpoint; do ln -sfn "../../../$$folder" "build/types/fiscalkg/$$folder"; done
	touch $@

# What tests run from npm, by its lock; without it those tests are skipped, each saying so.
build/node/.ready: tests/node/package-lock.json
	@mkdir -p build/node
	cp tests/node/package.json tests/node/package-lock.json build/node/
	if npm ci --prefix build/node --ignore-scripts --no-audit --no-fund --loglevel error; then
	  touch $@
	else
	  echo "missing: the packages of tests/node (npm and its registry bring them)" >&2
	fi
