# Everything a developer types. A second run of any target is instant where nothing changed.

PYTHON ?= python3
WORKERS ?= 2
CHROMIUM ?= /usr/bin/chromium
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
NODE_MODULES := node_modules/.package-lock.json
BUILT := node_modules/.built
CLIENTS := .clients
CLIENT_FILES := $(addprefix tests/clients/,package.json package-lock.json requirements.txt app.js browser.js)
BUNDLE := NODE_PATH=$(CLIENTS)/node_modules node_modules/.bin/esbuild --bundle --log-level=warning
WEB_SOURCES := $(shell find dashboard/web ingest/tracker -type f 2>/dev/null)
# The commands among them; the others are what the commands share.
BENCHMARKS := $(filter-out benchmarks/torture.py,$(shell grep -ls __main__ benchmarks/*.py))
BUILD_DIRECTORIES := dashboard/static ingest/built

# Assets that somebody deleted by hand are built again.
ifneq ($(words $(wildcard $(BUILD_DIRECTORIES))),$(words $(BUILD_DIRECTORIES)))
.PHONY: $(BUILT)
endif

say = @printf '== %s\n' '$(1)'
fail = { printf '%s\n' '$(1)' >&2; exit 1; }
apt_install = apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $(1)
is_root = [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null

.DEFAULT_GOAL := help
.PHONY: help setup run test test-clients fuzz torture check bench clean python node chromium proxies wrk

help: ## Show this list.
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

setup: $(INSTALLED) $(BUILT) ## Install everything; afterwards .venv/bin/pegel works.

run: setup ## Start Pegel with a demo site and demo traffic; Ctrl-C stops it.
	$(BIN)/pegel demo

test: setup chromium proxies ## Run the whole test suite.
	$(call say,Running the tests)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile

test-clients: setup chromium $(CLIENTS)/.installed ## Let programs that others wrote track into Pegel and read from it.
	$(call say,Letting programs that others wrote track into Pegel and read from it)
	$(BIN)/pytest -v tests/test_clients.py tests/test_report_clients.py

fuzz: setup ## Send 20,000 random requests and 2,000 random bulk bodies, work 200 sites' reports out twice; takes minutes.
	PEGEL_FUZZ=full $(BIN)/pytest -q tests/test_fuzz.py tests/test_recomputed.py

torture: setup ## Kill processes at 200 random moments under load and write benchmarks/RELIABILITY.md; takes ten minutes.
	$(BIN)/python -m benchmarks.torture

check: setup ## Formatting, lint, types, direction of imports.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --strict .
	$(BIN)/pytest -q tests/test_style.py

bench: setup wrk ## Measure every figure of the README; takes minutes.
	@for file in $(BENCHMARKS); do \
	    printf '\n== %s\n' "$$file"; \
	    $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" || exit 1; \
	done

clean: ## Remove what was installed and built; the data directory stays.
	rm -rf $(VENV) $(CLIENTS) node_modules $(BUILD_DIRECTORIES) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(INSTALLED): pyproject.toml | python
	$(call say,Creating the virtual environment $(VENV))
	$(PYTHON) -m venv $(VENV)
	$(call say,Installing Python packages: about 300 MB$(comma) a minute or two)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(NODE_MODULES): package.json package-lock.json | node
	$(call say,Installing browser packages)
	npm ci --no-progress
	@touch $@

$(BUILT): $(NODE_MODULES) $(WEB_SOURCES) | node
	$(call say,Building browser assets)
	npm run build
	@touch $@

$(CLIENTS)/.installed: $(CLIENT_FILES) $(BUILT) | python node
	$(call say,Installing programs that others wrote into $(CLIENTS))
	@mkdir -p $(CLIENTS)
	cp tests/clients/package.json tests/clients/package-lock.json $(CLIENTS)
	npm ci --prefix $(CLIENTS) --no-progress
	$(PYTHON) -m venv $(CLIENTS)/venv
	$(CLIENTS)/venv/bin/pip install --quiet --disable-pip-version-check --no-deps --requirement tests/clients/requirements.txt
	$(BUNDLE) tests/clients/app.js --platform=node --format=esm --outfile=$(CLIENTS)/app.mjs
	$(BUNDLE) tests/clients/browser.js --outfile=$(CLIENTS)/browser.js
	@touch $@

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    $(call fail,$(PYTHON) is not there or too old: Pegel needs Python 3.11 or later. Try: make PYTHON=python3.12 setup)
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { $(is_root) && $(call apt_install,python3-venv); } || \
	    $(call fail,Python cannot make virtual environments here: install python3-venv (Debian: apt install python3-venv))

node:
	@node -e 'process.exit(Number(parseInt(process.versions.node) < 20))' 2>/dev/null && command -v npm >/dev/null || \
	    $(call fail,node or npm is not there or too old: Pegel needs Node.js 20 or later to build its browser assets)

chromium:
	@if [ -x $(CHROMIUM) ]; then :; \
	elif $(is_root); then echo 'Installing Chromium for the browser tests'; $(call apt_install,chromium fonts-liberation); \
	else echo 'Browser tests are skipped: they need $(CHROMIUM) (Debian: apt install chromium)'; fi

proxies:
	@if command -v nginx >/dev/null && command -v haproxy >/dev/null && command -v caddy >/dev/null; then :; \
	elif $(is_root); then echo 'Installing nginx, HAProxy and Caddy for the tests of deploy/'; $(call apt_install,nginx-light haproxy caddy); \
	else echo 'Tests of deploy/ skip web servers that are not there (Debian: apt install nginx-light haproxy caddy)'; fi

wrk:
	@if command -v wrk >/dev/null; then :; \
	elif $(is_root); then echo 'Installing wrk to make load'; $(call apt_install,wrk); \
	else $(call fail,The benchmarks need wrk to make load: install it first (Debian: apt install wrk)); fi

comma := ,
