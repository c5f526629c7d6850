# Two commands for a newcomer: `make gate` and `make test`. Both set everything up first.
# Needs Linux, Python 3.11 or newer with venv, make and git.

PYTHON ?= python3
# Twice the cores: many tests wait for a server or a process that they started.
WORKERS ?= $(shell expr 2 \* $$(nproc))
BIN    := .venv/bin
SETUP  := .venv/.ready
SYSTEM := .venv/.system-ready
IMAGE  := src/wireproof/annotations/annotations.binpb
PROTOS := $(shell find schemas -name '*.proto' 2>/dev/null)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: gate test test-system others score explore histories check format serve serve-edge setup generate lock clean

gate: setup ## May this change ship? One table, one verdict.
	wireproof gate $(GATE)

test: setup ## All tests that need nothing but Python and make.
	pytest -n $(WORKERS) --dist worksteal

test-system: setup $(SYSTEM) ## What needs PostgreSQL, Redis, Envoy, Chromium, Node, Go or etcd; installs them where they are missing.
	pytest -m system -n 2 --dist loadfile

others: setup $(SYSTEM) ## What is found at servers that others wrote, into its page.
	OTHERS_PAGE=docs/others.md pytest contract_tests/others -m "system or not system" -n 0

score: setup ## How many faults the tester finds, and how soon; goes on where it was left.
	python -m contract_tests.score --write $(SCORE)

explore: setup ## Look further than `make test` has time for, with seeds of its own (nightly).
	WIREPROOF_EXPLORE=1 pytest -n $(WORKERS) --dist worksteal --timeout 3600

check: setup ## Format, lint, types, layers.
	ruff format --check .
	ruff check .
	buf format schemas --diff --exit-code
	buf lint schemas
	mypy
	lint-imports

format: setup ## Rewrite what `make check` would refuse.
	ruff format .
	ruff check --fix .
	buf format schemas --write

serve: setup ## Run the UserService on 127.0.0.1:50051.
	python -m service

serve-edge: setup $(SYSTEM) ## The service behind Envoy: gRPC, gRPC-Web and REST on 127.0.0.1:8080.
	python -m service.edge $(EDGE)

bench-%: setup ## Measure side by side: bench-compat, bench-strategies, ...
	python -m benchmarks.bench_$*

setup: $(SETUP) gen/.stamp $(IMAGE)

# A changed lock, build description or bundled-proto renderer redoes the set-up; nothing else does.
$(SETUP): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q src # as pip does with what it copies
	@touch $@

$(SYSTEM): $(SETUP) requirements-system.lock requirements-schemas.lock scripts/install-system-packages
	scripts/install-system-packages
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-system.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --upgrade \
	  --target .venv/schemas -r requirements-schemas.lock
	@touch $@

third_party/.stamp: $(SETUP) src/wireproof/schema/bundled.py
	python -m wireproof.schema.bundled third_party/proto
	@touch $@

gen/.stamp: third_party/.stamp buf.yaml buf.gen.yaml tools/protoc_gen_grpc_python.py $(PROTOS)
	buf generate
	@touch $@

# Committed: the wheel carries it, and a test holds it to its source.
$(IMAGE): $(SETUP) schemas/wireproof/annotations/v1/annotations.proto
	buf build schemas --path schemas/wireproof --exclude-imports --exclude-source-info \
	  --as-file-descriptor-set --output $@
	@touch $@

generate: ## Regenerate code from the protos.
	@rm -f gen/.stamp
	@$(MAKE) --no-print-directory gen/.stamp $(IMAGE)

lock: ## Compile requirements.in into requirements.lock, with hashes and no registry address.
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header --no-emit-package wireproof --quiet \
	  requirements.in -o requirements.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header --quiet --constraint requirements.lock \
	  requirements-system.in -o requirements-system.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header --no-deps --quiet \
	  requirements-schemas.in -o requirements-schemas.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --no-header --quiet --constraint requirements.lock \
	  deploy/requirements.in -o deploy/requirements.lock

clean: ## Remove everything that set-up and runs have made.
	rm -rf .venv gen third_party build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
