# Each target installs what it needs into .venv first; a second run finds it there.
# Another Python: make demo PYTHON=python3.12     Some tests only: make test T="-k queue"

export PYTHON ?= python3
# Starting from source that must be compiled each time would be neither what users see nor quick.
export PYTHONDONTWRITEBYTECODE =

APP = .venv/all.installed
DEV = .venv/dev.installed

.PHONY: help demo test check format bench soak lock clean

help:  ## say what there is to make
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 9

demo: $(APP)  ## open the app on a pretend shop's busy morning
	@.venv/bin/wainbox-relay demo

test: $(DEV)  ## run all tests but the soaks
	@scripts/test $(T)

check: $(DEV)  ## format, lint, types, import rules, requirements, spelling, then the tests
	@scripts/check
	@scripts/test $(T)

format: $(DEV)  ## mend format and what lint can mend
	@.venv/bin/ruff check --fix-only --quiet
	@.venv/bin/ruff format

bench: $(DEV)  ## measure, and print the tables of docs/performance.md
	@.venv/bin/python -m bench

soak: $(DEV)  ## run the long versions of the tests
	@.venv/bin/python -m pytest -m soak $(T)

lock: $(DEV)  ## renew requirements/*.txt from pyproject.toml
	@scripts/lock

clean:  ## remove .venv and what the tools leave behind
	@rm -rf .venv .cache .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache build dist
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

.venv/%.installed: requirements/uv.txt requirements/%.txt pyproject.toml scripts/install
	@scripts/install $*
