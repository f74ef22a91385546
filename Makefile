# make demo    handwritten digits through generated Verilog, bit for bit
# make test    the tests that a change must pass: a quarter of an hour
# make test-all     all tests, those marked slow too: what a release must pass
# make test-gate    those of make test, and today's tenth of the rest
# make lint    style and types
# make sim     the cocotb benches alone
# make bench   speed, memory and growth
# make bench-speed    the tables of docs/results/speed.md
# make bench-hardware  constant weights as logic, beside other compilers, and whole networks of it
# make bench-exact     against other implementations: ONNX files, exporters, descriptions, streams, damaged files; hours
# make bench-boards    bitstreams, links, netlists and proofs; hours
# make docs    docs/reference/schemes.md from the code, with what costs are not measured yet
# make site    this documentation as a site in build/site, with every link checked
# make samples    synthesizes the networks that estimates are fitted to; hours
# make calibrate  fits the estimates' prices to them
# make accuracy   measures estimates on networks that no fit has seen
# make train   the models' training recipes
# make release    wheel and source distribution, tried in clean environments, with checksums
# make results     trains and builds small networks with ten schemes on three boards: docs/results/networks.md; hours

PYTHON := .venv/bin/python
PYTEST := $(PYTHON) -m pytest
TESTS := $(PYTEST) -n 2 --dist worksteal

.PHONY: demo test test-all test-gate lint sim bench bench-speed bench-exact bench-hardware bench-boards docs site samples calibrate accuracy train results release clean

demo: .venv/ready
	$(PYTHON) models/digits/demo.py

test: .venv/ready-dev
	$(TESTS) -m "not slow"

test-all: .venv/ready-dev
	$(TESTS)

test-gate: .venv/ready-dev
	$(TESTS) --tenth

lint: .venv/ready-dev
	.venv/bin/ruff check .
	.venv/bin/pyright
	$(PYTHON) .ci/prose.py

sim: .venv/ready-dev
	$(PYTEST) tests/whole/test_cocotb.py

bench: .venv/ready-dev
	$(PYTHON) -m sim.bench.speed

bench-speed: .venv/ready-dev
	$(PYTHON) -m sim.bench.speed golden
	$(PYTHON) -m sim.bench.clock
	$(PYTHON) -m sim.bench.fastest

bench-hardware: .venv/ready-dev
	$(PYTHON) -m pip install --quiet --editable ".[peers]"
	$(PYTHON) -m sim.bench.hardware
	$(PYTHON) -m sim.bench.peers.unseen
	$(PYTHON) -m sim.proof.matrices
	$(PYTHON) -m sim.bench.placed
	$(PYTHON) -m sim.bench.spatial
	$(PYTHON) -m sim.bench.tiny

bench-exact: .venv/ready-dev
	$(PYTHON) -m sim.proof.oracles
	$(PYTHON) -m sim.proof.oracles --rtl 300
	for proof in descriptions exporters pairs branches matrices mutations tflites; do $(PYTHON) -m sim.proof.$$proof || exit 1; done

bench-boards: .venv/ready-dev
	for bench in bench.boards bench.link system.runner proof.netlists proof.bitstream proof.formal; do $(PYTHON) -m sim.$$bench || exit 1; done

docs: .venv/ready-dev
	$(PYTHON) -m sim.calibrate.schemes

site: .venv/ready-docs
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet

samples: .venv/ready-dev
	$(PYTHON) -m sim.calibrate.sweep

calibrate: .venv/ready-dev
	$(PYTHON) -m sim.calibrate.fit

accuracy: .venv/ready-dev
	$(PYTHON) -m sim.calibrate.accuracy
	$(PYTHON) -m sim.calibrate.budget

train: .venv/ready-train
	$(PYTHON) models/digits/train.py
	$(PYTHON) models/digits/schemes.py --float

results: .venv/ready-train
	$(PYTHON) -m sim.bench.results

# Puts the clone on Python's path: without it, `import qhw` beside a folder of that name finds the folder.
FOUND := $(PYTHON) -c "import pathlib, sysconfig; pathlib.Path(sysconfig.get_path('purelib'), 'qhw-clone.pth').write_text(str(pathlib.Path.cwd()))"

.venv/ready: pyproject.toml
	@.ci/system venv
	test -x $(PYTHON) || python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --editable .
	@$(FOUND)
	@touch $@

.venv/ready-dev: pyproject.toml
	@.ci/system venv bench
	test -x $(PYTHON) || python3 -m venv .venv
	$(PYTHON) -m pip install --quiet --editable '.[dev]'
	@$(FOUND)
	@touch $@ .venv/ready

.venv/ready-docs: .venv/ready
	$(PYTHON) -m pip install --quiet --editable '.[docs]'
	@touch $@

.venv/ready-train: .venv/ready
	$(PYTHON) -m pip install --quiet --editable '.[train]'
	@touch $@

release: .venv/ready-dev
	$(PYTHON) -m pip install --quiet --editable '.[release]'
	$(PYTHON) .ci/release.py

clean:
	rm -rf .venv build *.egg-info
