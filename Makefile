PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RUNS := $(VENV)/.runs

.PHONY: demo test check test-browser test-harnesses bench soak docs lock clean

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements/dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(RUNS): requirements/run.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --require-hashes -r requirements/run.txt
	touch $@

demo: $(RUNS)  ## Reins on a Slack of its own, in your browser; nothing to sign up for
	@$(BIN)/python -m bot demo $(ARGS)

test: $(READY)  ## everything but the real harness CLIs and the browser
	$(BIN)/pytest -m "not harness_cli and not browser" $(ARGS)

test-browser: $(READY)  ## the page in a real Chromium (Debian's package `chromium`), checked with axe-core (npm)
	$(BIN)/pytest -m browser $(ARGS)

check: $(READY)  ## lint, types, structure
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-harnesses: $(READY)  ## installs the pinned real CLIs and a mock model server, and runs against them
	$(BIN)/pytest -m harness_cli $(ARGS)

bench: $(READY)  ## measures; writes build/benchmarks.json
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(READY)  ## 500 random kills
	env CRASH_KILLS=500 $(BIN)/pytest --timeout 10800 tests/crash/test_random_kills.py $(ARGS)

docs: $(READY)  ## renew docs/harnesses.md from the profiles
	$(BIN)/python docs/generate_harnesses.py

lock:  ## renew requirements/*.txt
	uv pip compile --quiet pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --exclude-newer "$$(date -u -d '7 days ago' +%Y-%m-%d)" -o requirements/run.txt
	uv pip compile --quiet pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --exclude-newer "$$(date -u -d '7 days ago' +%Y-%m-%d)" -o requirements/dev.txt

clean:
	rm -rf $(VENV) .harnesses artifacts build *.egg-info
