# make setup: the environment that the README's test command makes · make fast: the tests while one works
# make check: all that .ci/run checks · make fix: what ruff can mend by itself
.PHONY: setup fast check fix

setup:
	bash -c "$$(.ci/test-command | sed 's/ && [^&]*pytest -q$$//')"

fast:
	.venv/bin/pytest -q -m "not slow"

check:
	.venv/bin/pytest -q
	.ci/lint

fix:
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .
