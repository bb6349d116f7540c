# Everything a machine with Python, venv and make needs: see `make help`.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
ifdef DATABASE_URL
export CLAIMSPAN_DATABASE_URL := $(DATABASE_URL)
endif

# `--kills 100` for KILLS=100.
lower = $(shell echo $(1) | tr A-Z a-z)
given = $(if $($(1)),--$(call lower,$(1)) '$($(1))')

.PHONY: help
help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-24s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: .venv/run.stamp ## Serve on 127.0.0.1:8000 (settings: CLAIMSPAN_…, or DATABASE_URL=postgresql://…)
	@$(BIN)/flask --app app serve

.PHONY: test
test: .venv/dev.stamp ## Run all tests, on SQLite and on a real PostgreSQL
	$(BIN)/pytest -n auto

.PHONY: lint
lint: .venv/dev.stamp ## Check style, types, import contracts and openapi.yaml
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/flask --app app openapi check

.PHONY: bench
bench: .venv/dev.stamp ## Measure the main job against a bare Flask route (some minutes)
	$(BIN)/python -m benchmarks.main_job

.PHONY: bench-anchoring
bench-anchoring: .venv/dev.stamp ## Measure how well and how fast marks follow their text (FILES=more.jsonl.gz)
	$(BIN)/python -m benchmarks.anchoring $(FILES)

.PHONY: bench-at-size
bench-at-size: .venv/dev.stamp ## Measure statistics, agreement and lists of 100,000 claims against plain SQL (CLAIMS=2000)
	$(BIN)/python -m benchmarks.at_size $(if $(CLAIMS),--claims $(CLAIMS))

.PHONY: bench-exports
bench-exports: .venv/dev.stamp ## Measure exports in every format against rows read by the bare driver (ARTICLES=2000)
	$(BIN)/python -m benchmarks.exports $(if $(ARTICLES),--articles $(ARTICLES))

.PHONY: bench-imports
bench-imports: .venv/dev.stamp ## Measure imports against bare inserts, and what they grow by (ARTICLES=2000 TENFOLD=1 ENGINE=sqlite)
	$(BIN)/python -m benchmarks.imports $(if $(ARTICLES),--articles $(ARTICLES)) $(if $(TENFOLD),--tenfold) $(if $(ENGINE),--engine $(ENGINE)) $(if $(DATABASE_URL),--database-url $(DATABASE_URL))

.PHONY: campaign-contract
campaign-contract: .venv/dev.stamp ## Generated requests against the running service, on both engines (CASES=5000 SEED=…)
	$(BIN)/python -m tests.campaigns.contract $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

.PHONY: campaign-queue
campaign-queue: .venv/dev.stamp ## Eight processes take 200 claims each from one queue, on both engines
	$(BIN)/python -m tests.campaigns.queue

.PHONY: campaign-imports
campaign-imports: .venv/dev.stamp ## Kill the server in the middle of imports, and send them again, on both engines (KILLS=30 LINES=300)
	$(BIN)/python -m tests.campaigns.imports $(if $(KILLS),--kills $(KILLS)) $(if $(LINES),--lines $(LINES))

.PHONY: campaign-postgres
campaign-postgres: .venv/dev.stamp ## Restart PostgreSQL under load, half the time as if it had crashed (RESTARTS=20 CLIENTS=8 SEED=1)
	$(BIN)/python -m tests.campaigns.postgres $(if $(RESTARTS),--restarts $(RESTARTS)) $(if $(CLIENTS),--clients $(CLIENTS)) $(if $(SEED),--seed $(SEED))

.PHONY: campaign-authorization
campaign-authorization: .venv/dev.stamp ## Everybody at every door of the running service, on both engines (SHARE=1 FLAWS=8 SEED=1)
	$(BIN)/python -m tests.campaigns.authorization $(if $(SHARE),--share $(SHARE)) $(if $(FLAWS),--flaws $(FLAWS)) $(if $(SEED),--seed $(SEED))

.PHONY: campaign-model
campaign-model: .venv/dev.stamp ## Requests in an order that nobody chose, compared with a plain Python model (STEPS=50000 SEED=… ENGINE=…)
	$(BIN)/python -m tests.campaigns.model $(if $(STEPS),--steps $(STEPS)) $(if $(SEED),--seed $(SEED)) $(if $(ENGINE),--engine $(ENGINE))

.PHONY: campaign-hostile-text
campaign-hostile-text: .venv/dev.stamp ## Hostile strings in every string of every operation, on both engines (CASES=2000 SEED=…)
	$(BIN)/python -m tests.campaigns.hostile_text $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))

.PHONY: campaign-outbound
campaign-outbound: .venv/dev.stamp ## Run all tests with sockets to other machines refused and counted (JOBS=2)
	$(BIN)/python -m tests.campaigns.outbound $(if $(JOBS),--jobs $(JOBS))

.PHONY: campaign-editors
campaign-editors: .venv/dev.stamp ## Many clients change one thing, and repeat one request, at once (TIMES=100 KEYS=200 COPIES=50)
	$(BIN)/python -m tests.campaigns.editors $(foreach size,CLIENTS TIMES KEYS COPIES SEED,$(call given,$(size)))

.PHONY: campaign-crash
campaign-crash: .venv/dev.stamp ## Kill the service amid a mixed load, and see that nothing acknowledged is lost (KILLS=100)
	$(BIN)/python -m tests.campaigns.crash $(foreach size,KILLS CLIENTS SECONDS SEED,$(call given,$(size)))

.PHONY: campaign-faults
campaign-faults: .venv/dev.stamp ## Full and read-only disks, locks, clocks that jump, clients that misbehave (ONLY="disk full")
	$(BIN)/python -m tests.campaigns.faults $(foreach size,TIMES ONLY SEED,$(call given,$(size)))

.PHONY: campaign-mutation
campaign-mutation: .venv/mutation.stamp ## Change the code in small ways, and see that tests notice (PART=spans)
	$(BIN)/mutation/bin/python -m tests.campaigns.mutation $(call given,PART)

.PHONY: campaign-backup
campaign-backup: .venv/dev.stamp ## Back up while clients write, restore and look through it, on both engines (BACKUPS=200 ENGINE=…)
	$(BIN)/python -m tests.campaigns.backup $(if $(BACKUPS),--backups $(BACKUPS)) $(if $(ENGINE),--engine $(ENGINE))

.PHONY: campaign-soak
campaign-soak: .venv/dev.stamp ## Mixed load for an hour, on each engine; nothing may grow (MINUTES=60 ENGINE=… SEED=…)
	$(BIN)/python -m tests.campaigns.soak $(if $(MINUTES),--minutes $(MINUTES)) $(if $(ENGINE),--engine $(ENGINE)) $(if $(SEED),--seed $(SEED))

.PHONY: openapi
openapi: .venv/dev.stamp ## Write openapi.yaml from the code
	$(BIN)/flask --app app openapi write

.PHONY: lock
lock: .venv/dev.stamp ## Renew requirements.txt and requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --upgrade pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --upgrade -c requirements.txt --group dev pyproject.toml -o requirements-dev.txt
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --upgrade -c requirements-dev.txt --group mutation pyproject.toml -o requirements-mutation.txt

.PHONY: clean
clean: ## Remove the virtual environment and caches; var/ stays
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Claimspan needs Python 3.11 or newer; PYTHON=python3.12 make … picks one."; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "Python's venv is missing. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run.stamp: requirements.txt | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

# An environment of its own, over the other: what mutmut brings would have the server rename its processes.
.venv/mutation.stamp: requirements-mutation.txt .venv/dev.stamp
	$(BIN)/python -m venv $(BIN)/mutation
	$(BIN)/mutation/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-mutation.txt
	echo $(abspath .venv)/lib/python*/site-packages > $$(echo $(BIN)/mutation/lib/python*/site-packages)/project.pth
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/run.stamp
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
