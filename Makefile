# Each target does its own set-up: `make test` works in a fresh clone.
.DEFAULT_GOAL := help
.PHONY: help setup env demo test npm minimums matrix faults bench lint docs dist live clean

workflows = .github/workflows/*.yml examples/environments/.github/workflows/*.yml
with_env = path=$$(sh engine/setup.sh env) && eval "$$path" &&

help: ## what can be made
	@sed -n 's/^\([a-z]*\):.*## /make \1	/p' Makefile

setup: ## .venv, and the Pulumi engine where none is installed
	@sh engine/setup.sh

env: ## for a shell: eval "$(make -s env)" puts both on PATH
	@sh engine/setup.sh >&2
	@sh engine/setup.sh env

demo: setup ## the ready-made stack against the simulator, from preview to destroy
	@$(with_env) python demo/demo.py

test: setup ## every test, those on the real engine included
	@$(with_env) python -m pytest -n auto --dist worksteal

npm: ## OpenRouter's SDK for JavaScript, which a test drives where it is installed
	@cd tests/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

minimums: setup ## some tests on the oldest Python, with the oldest of every package that is allowed
	@$(with_env) python -m tools.matrix --minimums

matrix: setup ## the tests on the oldest and the newest of everything, and the table of README.md
	@$(with_env) python -m tools.matrix --write

faults: setup ## what networks, processes and people do: what was tried, what came of it
	@$(with_env) python -m tools.faults

bench: setup ## how fast it is, and how little it sends: about an hour
	@$(with_env) python -m benchmarks --write

lint: setup ## ruff and mypy, and the workflows of GitHub
	@$(with_env) ruff check . && ruff format --check . && mypy && \
	  for example in template/__main__.py examples/*/__main__.py examples/*/*/__main__.py; do \
	    MYPYPATH=$$(dirname "$$example") mypy "$$example" || exit 1; done && \
	  check-jsonschema --quiet --builtin-schema vendor.github-workflows $(workflows) && \
	  zizmor --offline --quiet --config .github/zizmor.yml .github examples/environments/.github

docs: setup ## the generated blocks of the pages
	@$(with_env) python -m tools.generate

dist: setup ## what a release uploads, in dist/
	@rm -rf dist
	@$(with_env) python -m build --outdir dist && twine check --strict dist/*

live: setup ## whether OpenRouter does what the simulator does, with the key of an empty organization
	@$(with_env) python -m tools.live

clean: ## remove what was made here
	rm -rf .venv .engine .matrix dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
