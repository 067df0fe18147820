# Two commands do everything on a fresh machine:
#
#   make run     set up, build, serve with a demo site; prints where the kiosk and the dashboard are
#   make test    set up, build, run every test, browsers included
#
#   make build   target/release/vestibule and dist/
#   make dev     the same server, rebuilt on every change
#   make bench   measure what the server promises beside its peers; BENCH="ingest --batch 100 --clients 8" for less
#   make soak    play simulated histories on all processors for MINUTES=1, up to the first that breaks a promise
#   make simulate SEED=1   play one of them again; STEPS= and FAULTS= as its failure printed them
#   make drills  play troubles against the built product, in three browsers; DRILLS="--runs 20" for more than once
#   make endurance   play them for MINUTES=10 in an order made by chance from SEED=1
#   make drain   measure how long a long backlog takes to go out, beside what others would take; DRAIN="--times 1" for less
#   make fuzz-api   ask the API what its own document lets one ask, some 33,000 times; CASES=20 for a first look
#   make setup   only what the above begin with

include scripts/versions

TOOLS := $(or $(VESTIBULE_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/vestibule/tools)
export PATH := $(TOOLS)/trunk-$(TRUNK)/bin:$(TOOLS)/wasm-bindgen-cli-$(WASM_BINDGEN)/bin:$(TOOLS)/binaryen-$(BINARYEN)/node_modules/.bin:$(TOOLS)/cargo-deny-$(CARGO_DENY)/bin:$(TOOLS)/watchexec-cli-$(WATCHEXEC)/bin:$(TOOLS)/geckodriver-$(GECKODRIVER)/bin:$(PATH)

# scripts/setup leaves here which toolchain builds for wasm32, if it is not the usual one. It then gets a target folder
# of its own, so that two compilers don't rebuild each other's work.
wasm_toolchain = $(shell cat $(TOOLS)/wasm-toolchain 2>/dev/null)
with_wasm = $(if $(wasm_toolchain),RUSTUP_TOOLCHAIN=$(wasm_toolchain) CARGO_TARGET_DIR=$(CURDIR)/target/$(wasm_toolchain))

DATA ?= ./data
LISTEN ?= 127.0.0.1:8080

.PHONY: run test build dev setup setup-tests browser server check screens bench soak simulate drills endurance drain fuzz-api

run: setup build
	target/release/vestibule serve --data $(DATA) --listen $(LISTEN) --dist dist --demo-site

test: setup-tests build
	cargo test --workspace --locked --no-fail-fast

build: setup browser server

browser: setup
	env -u NO_COLOR $(with_wasm) worker/alone trunk build --release --locked

server: setup
	cargo build --release --locked -p vestibule

# Trunk rebuilds dist/, watchexec the server, which reads dist/ anew at every request.
dev:
	@scripts/setup dev
	trap 'kill 0' EXIT; $(with_wasm) worker/alone trunk watch --ignore dist & \
	watchexec --restart --watch server --watch protocol -- \
	  cargo run -p vestibule -- serve --data $(DATA) --listen $(LISTEN) --dist dist --demo-site

# What docs/performance.md tells of, in some 15 minutes. Leave the machine alone meanwhile.
bench: server
	npm ci --prefix tests/peers/fastify --no-audit --no-fund
	cargo run --release --locked -p vestibule-tests --bin bench -- $(BENCH)

# Pictures of every screen, into target/screens/. Those in the README are two of them, in docs/screens/.
screens: setup-tests build
	cargo run --locked -p vestibule-tests --bin screens

setup:
	@scripts/setup

setup-tests:
	@scripts/setup tests

# What .ci/run checks before it runs the tests.
check:
	@scripts/setup checks
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	$(with_wasm) cargo clippy --locked --target wasm32-unknown-unknown -p vestibule-worker -p vestibule-app -- -D warnings
	CARGO_TARGET_DIR=$(CURDIR)/target cargo clippy --manifest-path tests/fuzz/Cargo.toml --features server --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --locked
	cargo deny --offline check bans licenses sources
	promtool check rules server/ops/alerts.yml
	promtool test rules server/ops/alerts_test.yml

# docs/simulation.md says what is played and what must hold.
MINUTES ?= 1
SEED ?= 1

soak:
	cargo run --release --locked -p vestibule-tests --bin soak -- --minutes $(MINUTES)

simulate:
	cargo run --release --locked -p vestibule-tests --bin simulate -- \
	  --seed $(SEED) $(if $(STEPS),--steps $(STEPS)) $(if $(FAULTS),--faults $(FAULTS))

# docs/reliability.md is the table that it prints.
drills: setup-tests build
	cargo run --locked -p vestibule-tests --bin drills -- $(DRILLS)

# One seed gives one order of drills; what each failure left to be seen is in target/failures/.
endurance: MINUTES = 10
endurance: setup-tests build
	cargo run --locked -p vestibule-tests --bin endurance -- --minutes $(MINUTES) --seed $(SEED)

# What docs/performance.md says of a long backlog. Leave the machine alone meanwhile.
drain: setup-tests build
	npm ci --prefix tests/peers/drain --no-audit --no-fund
	npm run --prefix tests/peers/drain build
	cargo run --locked -p vestibule-tests --bin drain -- $(DRAIN)

# The API, by requests made up from its own OpenAPI document.
fuzz-api: server
	@scripts/setup fuzz
	cargo run --locked -p vestibule-tests --bin fuzz_api -- \
	  --schemathesis $(TOOLS)/schemathesis-$(SCHEMATHESIS)/bin/schemathesis $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED))
