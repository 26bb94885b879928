# One profile, one set of features: every call builds with --release --all-targets, so that the large
# dependencies are compiled once. The target folder lies outside the clone.
export CARGO_TARGET_DIR ?= $(HOME)/.cache/finsam/target
ROOT ?= data/demo
METHOD ?= data/metod.html
FINSAM := $(CARGO_TARGET_DIR)/release/finsam

.PHONY: help check lint test spec method run readers auditors bench clean build

help:  ## list targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## */\t/' | expand -t 10

build:
	cargo build --release --locked --all-targets

check: ## format, lint, conventions
	cargo fmt --check
	cargo clippy --release --locked --all-targets -- -D warnings
	cargo test --release --locked --test tests tidy

lint:  ## ask datacontract-cli of every contract (Python 3; fetches the program the first time)
	tests/contracts/lint.sh

test:  ## everything
	cargo test --release --locked

spec:  ## the meaning of försörjning, case by case (UPDATE=1 rewrites expectations)
	cargo test --release --locked --test tests spec

method: spec build ## the method description as a page (HTML) in METHOD (default data/metod.html), once its cases hold
	$(FINSAM) method --spec tests/spec --out $(METHOD)

run: build ## make the demo country in ROOT (default data/demo) and run its night
	$(FINSAM) demo $(ROOT)

readers: ## read the release of ROOT back with programs of others (Python 3; fetches them the first time)
	tests/readers/run.sh $(ROOT)/release/$$(cat $(ROOT)/CURRENT)

auditors: build ## have the auditor of another program (τ-ARGUS) look at our patterns (Python 3.11; fetches it)
	tests/auditors/run.sh $(FINSAM) $(ROOT)

bench: build ## time and peak memory; a register of the full population against a script by hand (needs Python, DuckDB)
	tests/bench.sh $(FINSAM)
	tests/bench/cubes.sh $(FINSAM)
	FLOOR="cargo test --release --locked --test tests -- --ignored --nocapture floor" \
		tests/bench/population.sh $(FINSAM)
	cargo test --release --locked --test tests -- --ignored --nocapture rates | grep "^rates:"

clean: ## remove the demo country (the target folder stays)
	rm -rf $(ROOT) $(ROOT).facit $(ROOT).prov $(ROOT).key
