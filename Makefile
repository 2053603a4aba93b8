# The fixed interface: setup, test, check, bench, demo, clean; `docs` renews what the documentation
# takes from the code, `bench-peers` measures what others can do as well, `soak` has
# three hosts lose their power and more for ten minutes. Hundreds of processes of
# Python are started here: none compiles what another one has.
BIN := .venv/bin
export PYTHONDONTWRITEBYTECODE :=

.PHONY: setup test check docs bench bench-peers soak demo clean

setup:
	@compose/setup.sh

test: setup
	@$(BIN)/pytest -q -n auto --dist loadgroup --no-loadscope-reorder --maxfail 20

check:
	@compose/setup.sh venv
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

docs:
	@compose/setup.sh venv
	@$(BIN)/python -m docs.sections

bench:
	@EXTRAS=dev,bench compose/setup.sh
	@$(BIN)/python -m benchmarks

bench-peers:
	@EXTRAS=dev,bench compose/setup.sh
	@$(BIN)/python -m benchmarks peers

soak:
	@EXTRAS=dev,bench compose/setup.sh
	@$(BIN)/python -m benchmarks.soak

demo: setup
	@$(BIN)/cachewright demo

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
