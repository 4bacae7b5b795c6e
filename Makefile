# What one can do here. Everything goes into this folder: .venv, .tools and .data.

PYTHON ?= $(shell command -v python3 || command -v python || echo python3)
export PYTHONUTF8 = 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports check bench docs lock upgrade clean runtime dev

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: runtime ## Play the story: the real service, its own PostgreSQL, a stand-in GitHub and cluster; no account needed
	@.venv/bin/fluxmig demo $(ARGS)

test: dev ## Run all tests, after fetching what they need
	@.venv/bin/python -m scripts.tools
	@.venv/bin/pytest -n 2 -rs --inline-snapshot=disable

lint: dev ## Ruff: rules and format
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

types: dev ## mypy, strict
	@.venv/bin/mypy

imports: dev ## The import contract: which part of the code may know which
	@.venv/bin/lint-imports

check: test lint types imports ## All four

bench: dev ## Measure the hot paths, each beside its floor in the same run
	@.venv/bin/python -m benchmarks

docs: dev ## Write the parts of docs/reference that the code knows
	@.venv/bin/python -m scripts.reference

lock: ## Write the locked requirements anew, for changed dependencies
	@$(PYTHON) -m scripts.lock

upgrade: ## The same, with the newest versions that fit
	@$(PYTHON) -m scripts.lock --upgrade

clean: ## Remove the environment and the tools; the demo's data stays
	rm -rf .venv .tools

runtime dev:
	@$(PYTHON) scripts/setup.py $@
