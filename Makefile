# The commands of the README. Everything is installed from requirements.lock, with hashes, into .venv.
PYTHON ?= python3
# Two workers for each core, as scenarios and tests wait as much as they work; ARGS="" runs them one after the other.
run full test: ARGS ?= -n $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
BIN := .venv/bin
CANARY := env PYTHONPATH=$(CURDIR)/.src:$(CURDIR) $(CURDIR)/$(BIN)/python -m tests.faulty.canary

.PHONY: run full test clients foreign check detect by-worlds nightly steady allure pictures bench release lock clean

# What is delivered and read by no check is red, unless unread.txt has it with a reason. For another forwarder:
# ARGS="--forwarder-command ... --gate-unread FILE".
run: .venv/.ready
	@$(BIN)/uplab run --gate --gate-unread scenarios/forwarders/reference/unread.txt $(ARGS)

# Also all variants: failure generations, transports, number regimes, device models; and what takes long.
full: .venv/.ready
	@$(BIN)/uplab run --full $(ARGS)

# Workers that have nothing left take tests from the others.
test: .venv/.ready
	@$(BIN)/python -m pytest $(if $(filter -n%,$(ARGS)),--dist worksteal) $(ARGS)

# Clients that nobody here wrote judge the fake ThingsBoard, each in an environment of its own (kept in .cache/clients);
# it ends with a census of what they called. ARGS="-k node_red", UPLAB_CENSUS=census.json.
clients: .venv/.ready
	@$(BIN)/python -m tests.clients.environments
	@UPLAB_CLIENTS=all UPLAB_REQUIRE_CLIENTS=1 $(BIN)/python -m pytest tests/clients $(ARGS)

# Forwarders that nobody here wrote, unmodified, each under test by the few lines in scenarios/forwarders: what fails is
# just what is known to. ARGS="-k node-red".
foreign: .venv/.ready
	@$(BIN)/python -m tests.clients.environments node-red thingsboard-gateway
	@UPLAB_FOREIGN=all UPLAB_REQUIRE_CLIENTS=1 $(BIN)/python -m pytest -rP tests/clients/test_foreign_forwarders.py tests/test_node_forwarder.py tests/scenarios/run/test_elsewhere_network.py $(ARGS)

check: .venv/.ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# Proves that the suites can fail: every known-bad forwarder must be caught by the check that was predicted for it.
detect: .venv/.ready
	@$(BIN)/python -m tests.faulty.detect $(ARGS)

# Everything: the full run; worlds against a forwarder that fails in one of a hundred, which must be seen; and bugs that
# nobody wrote: each member, header and value that is delivered is left out, zeroed, swapped on the wire of one running
# lab. ARGS="telemetry", ARGS="payload.temperature" for a part of those.
nightly: .venv/.ready
	@$(if $(ARGS),true,$(BIN)/uplab run --full -n auto)
	@$(if $(ARGS),true,$(BIN)/uplab explore --worlds 800 --budget 0 -n 2 --forwarder-command "$(CANARY)"; test $$? -eq 1)
	@$(if $(ARGS),true,UPLAB_NIGHTLY=1 $(BIN)/python -m pytest -q -k "choices or smoke_scenarios or another_shape or as_often" tests/faulty/test_rows.py tests/test_node_forwarder.py tests/scenarios/strange tests/scenarios/bundles/test_replay.py)
	@$(BIN)/python -m tests.faulty.generated $(ARGS)

# Which of thirty known-bad forwarders worlds find, chosen by lot: ARGS="--lot 7", ARGS="NAME ...".
by-worlds: .venv/.ready
	@$(BIN)/python -m tests.faulty.by_worlds $(ARGS)

# Proves that there are no false alarms: twenty clean runs with new seeds, shuffled, side by side, some under load.
steady: .venv/.ready
	@$(BIN)/python -m tests.steady $(ARGS)

# Allure's own report of a run, as one file that needs no network: ARGS="reports/runs/20261201-020433-5". It needs Java;
# the command line is kept in .cache/allure.
allure: ARGS ?= reports/runs/latest
allure: .cache/allure/.ready
	@.cache/allure/node_modules/.bin/allure generate --clean --single-file --output $(ARGS)/allure-report $(ARGS)/allure-results

.cache/allure/.ready:
	@npm install --prefix .cache/allure --no-audit --no-fund --ignore-scripts allure-commandline@2.46.1
	@touch $@

# The pictures of README and docs, from a run of a known-bad forwarder.
pictures: .venv/.ready
	@$(BIN)/python -m tests.pictures docs/pictures

# The numbers to hold, measured on this machine; ARGS="--quick", ARGS="http-1 thingsboard", ARGS="--json bench.json".
bench: .venv/.ready
	@$(BIN)/python -m tests.bench $(ARGS)

# What a release is made of, in dist/: source, wheel, and the bill of what the wheel brings along (CycloneDX). The tool
# that writes the bill, and what it describes, stand in environments of their own.
release: .venv/.ready
	@rm -rf dist .cache/release .cache/sbom
	@$(BIN)/hatchling build -d dist
	@$(PYTHON) -m venv .cache/release && $(PYTHON) -m venv .cache/sbom
	@grep -o '^[A-Za-z0-9._-]*==[^ ;]*' requirements.lock > .cache/release/versions.txt
	@.cache/release/bin/python -m pip install --quiet --disable-pip-version-check -c .cache/release/versions.txt dist/*.whl
	@.cache/release/bin/python -m pip uninstall --quiet --disable-pip-version-check --yes pip setuptools
	@.cache/sbom/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-release.lock
	@.cache/sbom/bin/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible --output-format JSON --output-file dist/uplab.cdx.json .cache/release/bin/python
	@ls dist

.venv/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "uplab needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name another one: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv
	@echo "Installing the locked dependencies into .venv ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

# Maintainers only: resolves pyproject.toml anew (needs uv).
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --extra dev --extra browser pyproject.toml -o requirements.lock
	echo cyclonedx-bom | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet - -o requirements-release.lock

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache reports/runs
