# make demo    handwritten digits through generated Verilog, bit for bit
# make test    all tests
# make lint    style and types
# make sim     the cocotb benches alone
# make bench   speed, memory and growth
# make docs    docs/schemes.md from the code, with what costs are not measured yet
# make train   the models' training recipes

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest

.PHONY: demo test lint sim bench docs train clean

demo: .venv/ready
	$(PYTHON) models/digits/demo.py

test: .venv/ready-dev
	$(PYTEST) -n 2

lint: .venv/ready-dev
	.venv/bin/ruff check .
	.venv/bin/pyright

sim: .venv/ready-dev
	$(PYTEST) tests/test_sim.py

bench: .venv/ready-dev
	$(PYTHON) -m sim.bench

docs: .venv/ready-dev
	$(PYTHON) -m sim.schemes

train: .venv/ready-train
	$(PYTHON) models/digits/train.py
	$(PYTHON) models/digits/schemes.py --float

.venv/ready: pyproject.toml
	@.ci/system venv
	test -x $(PYTHON) || python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --editable .
	@touch $@

.venv/ready-dev: pyproject.toml
	@.ci/system venv bench
	test -x $(PYTHON) || python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --editable '.[dev]'
	@touch $@ .venv/ready

.venv/ready-train: .venv/ready
	$(PYTHON) -m pip install --quiet --editable '.[train]'
	@touch $@

clean:
	rm -rf .venv build *.egg-info
