# Needs make, git and Python 3.11, 3.12 or 3.13. `make` alone says what there is.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
NOTEBOOKS := $(wildcard source/*/*.ipynb)

# The newest Python here that TensorFlow has wheels for. Choose another: make venv PYTHON=/path/to/python3.12
FITS := import sys, ensurepip, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do "$$p" -c "$(FITS)" 2>/dev/null && echo "$$p" && break; done)

# uv installs in a third of pip's time, but doesn't read pip's settings, which may name the only index that answers.
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check
LOCKED := --require-hashes --no-deps

.PHONY: help venv demo test quick days lint lab hub bench release api site lock
help:
	@echo "make demo     a sample class works through the lesson and is graded; a few minutes"
	@echo "make lab      JupyterLab on your own copy of the lesson, in work/; what is there is kept"
	@echo "make hub      a JupyterHub on this machine to try the course on: an instructor, a course server, students"
	@echo "make test     every check and every test"
	@echo "make quick    what most changes need; at most a minute and a half"
	@echo "make days     what takes longest: more hubs, a hub and a grader that are killed, plain nbgrader; an hour"
	@echo "make lint     the quick checks alone"
	@echo "make bench    speed and memory, as ratios"
	@echo "make release  release/ from source/"
	@echo "make api      the API reference, in build/api/"
	@echo "make site     a static site of documents, lesson, explorers and API reference, in build/site/"
	@echo "make lock     requirements.lock from pyproject.toml"

venv: $(STAMP)

$(STAMP): requirements.lock pyproject.toml gradekit/pyproject.toml
	@test -x $(BIN)/python || test -n "$(PYTHON)" || { \
	  echo "No Python 3.11, 3.12 or 3.13 with venv is here. Debian, Ubuntu: sudo apt-get install python3 python3-venv;" \
	       "Fedora: sudo dnf install python3.13; macOS: brew install python@3.13. Or name one: make venv PYTHON=..."; exit 1; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@echo "Installing what requirements.lock names into $(VENV); the first time it takes some minutes."
	@sed -n '/^uv==/,/# via/p' requirements.lock >$(VENV)/uv.lock
	@$(PIP) $(LOCKED) -r $(VENV)/uv.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode $(LOCKED) -r requirements.lock || \
	  { echo "uv could not do it; pip tries, with your pip settings."; $(PIP) $(LOCKED) -r requirements.lock; }
	@$(PIP) --no-deps --no-build-isolation -e ./gradekit -e .
	@touch $@

demo: $(STAMP)
	@$(BIN)/convkit demo

lab: $(STAMP)
	@$(BIN)/convkit lab

hub: $(STAMP)
	@$(BIN)/gradekit hub

release: $(STAMP)
	@$(BIN)/gradekit release

# Files in the order of their names, so that the browser and the hub are not what one core waits for at the end.
# The quick checks run at the same time: mypy takes most of a minute where it has no cache. Three workers on two cores:
# much of a test's time is waiting for a hub, a browser or a kernel.
test: $(STAMP)
	@make --no-print-directory lint & lint=$$!; \
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder -m "not days"; tests=$$?; \
	wait $$lint && exit $$tests

# No kernel, no hub, no browser, and of the rest what is quick.
QUICK := $(addprefix tests/test_,arguments.py arithmetic.py imports.py layers.py ops.py project.py docstrings.py) \
  gradekit/tests/test_exercise.py convkit/arithmetic.py convkit/ops.py

quick: lint
	@$(BIN)/python -m pytest -n 2 $(QUICK)

days: $(STAMP)
	@$(BIN)/python -m pytest -m days

lint: $(STAMP)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/nbstripout --keep-id --verify $(NOTEBOOKS)

bench: $(STAMP)
	@$(BIN)/python -m benchmarks

api: $(STAMP)
	@$(BIN)/python -m docs.site.api

site: $(STAMP)
	@$(BIN)/python -m docs.site

lock:
	@$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --python-version 3.11 \
	  --no-emit-index-url --no-emit-package gradekit --quiet --custom-compile-command "make lock" -o requirements.lock
