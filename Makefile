# Three commands set everything up on a machine that has nothing but Python 3.11+ with venv:
#   make smoke         the main job: cold-boot the example and judge it
#   make test          everything: the gates, then all tests
#   make integration   the example against a real Postgres and Redis, in containers: needs a Docker daemon

PYTHON ?= python3
IN = .venv/bin/python -m

unexport PYTHONDONTWRITEBYTECODE  # hundreds of processes read the same modules

.PHONY: smoke mission integration test check unit format clean

smoke: .venv/ready
	$(IN) pytest suites -m smoke

mission: .venv/ready
	$(IN) pytest suites -m mission_critical

# A layer that was skipped is no layer that passed.
integration: .venv/ready
	$(IN) pytest suites --real-services -m real_services --startup-json=.pytest_cache/integration.json
	.venv/bin/python .ci/covered .pytest_cache/integration.json 120

test: check
	$(IN) pytest tests -n 4 --dist worksteal

check: .venv/ready
	$(IN) ruff check .
	$(IN) ruff format --check .
	$(IN) mypy
	.venv/bin/lint-imports --no-logo
	$(IN) pytest_startup.contract.schema | cmp - docs/startup.schema.json

format: .venv/ready
	$(IN) ruff check --fix-only .
	$(IN) ruff format .

clean:
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache dist

.venv/ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv
	$(IN) pip install --quiet --disable-pip-version-check uv
	$(IN) uv pip install --quiet --system-certs --compile-bytecode --python .venv/bin/python --editable '.[dev]'
	touch $@
