# Everything that is done with this project, by name. CI calls these targets and nothing else: .ci/run.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules
.DEFAULT_GOAL := help

# Settings, each to be given on the command line or in the environment.
GO ?= go
PACKAGES ?= ./...
FUZZ_TIME ?= 10s
BENCH_ROUNDS ?= 5
BENCH_FLAGS ?= -table docs/performance.md
RELIABILITY_FLAGS ?= $(if $(filter 1,$(QUICK)),-quick,-table docs/reliability.md)
QUICK ?= 0
TOOLS ?=
TEST_TIMEOUT ?= 10m
IMAGE ?= mtrackd:local
PYTHON ?= python3
RUN_FLAGS ?= --demo
CONFORMANCE_FLAGS ?=
CLIENTS ?=
PROOF ?= named
PROOF_SEEDS ?= 3
PROOF_TIMEOUT ?= 5h

BUILD := .build
JUDGES := cmd/mtrackd/testdata/judges/requirements.txt
STATIC := CGO_ENABLED=0 $(GO) build -trimpath -ldflags=-s\ -w
# The server is compiled by a profile of itself. It is not called default.pgo, by which Go would compile the tests too.
PROFILE := cmd/mtrackd/serve.pgo
SERVER := $(STATIC) -pgo=$(PROFILE)

# A cold build spends a fifth of its time on collecting the compiler's garbage, and more on the methods of go-redis: every
# package that names one of its clients compiles 1,700 wrappers of them anew. So the compiler gets more memory, up to one
# gigabyte, and inlines nothing there. For a first look there is no debug information either, and our packages inline nothing.
SOON := GOGC=400
PLAIN_REDIS := github.com/redis/go-redis/v9=-l
QUICK_BUILD := CGO_ENABLED=0 $(SOON) $(GO) build -ldflags=-s\ -w -gcflags=all=-dwarf=false \
	-gcflags=$(PLAIN_REDIS)\ -dwarf=false -gcflags=./...=-l\ -dwarf=false

# The race detector needs a C compiler; Go itself says whether it found one.
RACE := $(if $(filter 1,$(shell $(GO) env CGO_ENABLED)),-race)

# Under the race detector a process sleeps for one second when it ends, for races that goroutines meet which nobody waits for
# any more. With 69 packages, and dozens of processes that tests start, it adds up: those of mtrack-spec alone waited 15 s.
AT_ONCE := GORACE="atexit_sleep_ms=0 $${GORACE-}"

.PHONY: help
help: ## Print this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: ## Start the reference server with demo data; RUN_FLAGS="--redis redis://127.0.0.1:6379" keeps what it stores
	@mkdir -p $(BUILD)/run
	@echo "make run: compiling mtrackd; the first time Go downloads 9 MB and compiles some 320 packages: half a minute or more" >&2
	@$(QUICK_BUILD) -v -o $(BUILD)/run/mtrackd ./cmd/mtrackd 2>&1 | { \
		n=0; while IFS= read -r line; do \
			if [[ $$line == *' '* ]]; then echo "$$line"; elif (( n++ % 30 == 29 )); then echo "make run: $$n packages, now $$line"; fi; \
		done; } >&2
	@exec $(BUILD)/run/mtrackd serve $(RUN_FLAGS)

.PHONY: check
check: lint test-short ## What to run before every commit: lint, and the tests that are quick; under 60 s once built

.PHONY: test-short
test-short: ## Run the tests that are quick, without the race detector
	@$(GO) test -short -v -timeout=$(TEST_TIMEOUT) $(PACKAGES) 2>&1 | awk -f .ci/test-summary.awk

# The budget is for a warm build cache on two cores, with only Go and make. Whoever goes beyond it makes a test faster, or
# moves it to the proof. What go test would vet by itself, `make lint` does, with more rules.
.PHONY: test
test: ## Run every test, under the race detector, in 4 minutes; what cannot run here is listed at the end with the reason
	@mkdir -p $(BUILD)
	@[[ -n "$(RACE)" ]] || echo "make test: no C compiler, so the race detector is off" >&2
	@trap 'echo "make test: $$SECONDS s; the budget is 240 s once built, on two cores" >&2' EXIT; \
	$(AT_ONCE) $(GO) test $(RACE) -vet=off -toolexec='env $(SOON)' -gcflags=$(PLAIN_REDIS) -v -timeout=$(TEST_TIMEOUT) $(PACKAGES) 2>&1 | tee $(BUILD)/test.log | awk -f .ci/test-summary.awk

.PHONY: judges-deps
judges-deps: $(BUILD)/venv/installed ## Install what the judges in `make test` run on (Python packages) into .build/venv

$(BUILD)/venv/installed: $(JUDGES)
	$(PYTHON) -m venv --clear $(BUILD)/venv
	$(BUILD)/venv/bin/pip install --quiet --disable-pip-version-check --requirement $(JUDGES)
	@touch $@

.PHONY: conformance
conformance: build ## Run the conformance suite against the reference server, on the embedded store and on Redis
	.ci/conformance $(CONFORMANCE_FLAGS)

.PHONY: conformance-proof
conformance-proof: ## Prove the suite: every faulty server is caught, every correct variant passes every case; 10 minutes, and hours with PROOF=full, which prints what else sees each fault
	MTRACK_PROOF=$(PROOF) MTRACK_PROOF_SEEDS=$(PROOF_SEEDS) $(GO) test -run '^TestProof' -v -timeout=$(PROOF_TIMEOUT) ./conformance/internal/proof

.PHONY: build
build: ## Build the three commands, static, into .build/bin
	@mkdir -p $(BUILD)/bin
	$(STATIC) -o $(BUILD)/bin/ ./cmd/mtrack-conformance ./cmd/mtrack-spec
	$(SERVER) -o $(BUILD)/bin/ ./cmd/mtrackd

.PHONY: generate
generate: ## Generate gen/ from the contracts
	$(GO) generate ./gen/...

.PHONY: check-generate
check-generate: ## Fail where gen/ is not what the contracts generate, or is not committed
	.ci/check-generate

.PHONY: spec
spec: ## Check both contracts, and trace documentation, contract and conformance cases to one another
	$(GO) run ./cmd/mtrack-spec check
	$(GO) run ./cmd/mtrack-spec trace

.PHONY: clients
clients: ## Generate, compile and use clients of the API with every generator; CLIENTS="--short" the quick ones, CLIENTS="hey-api dredd" these
	.ci/clients $(CLIENTS)

.PHONY: lint
lint: shellcheck ## gofmt, go vet, staticcheck, shellcheck
	@unformatted="$$(git ls-files --cached --others --exclude-standard '*.go' ':!:*.gen.go' | while read -r file; do [[ ! -f $$file ]] || gofmt -l "$$file"; done)"; \
	[[ -z "$$unformatted" ]] || { printf 'not formatted; run gofmt -w on:\n%s\n' "$$unformatted" >&2; exit 1; }
	$(GO) vet $(PACKAGES)
	$(GO) tool -modfile=gen/tools.mod staticcheck $(PACKAGES)

# Scripts are told by their first line. Without shellcheck this is said, and an error with CI=true, as in the tests.
.PHONY: shellcheck
shellcheck: ## shellcheck, for every shell script
	@if ! command -v shellcheck >/dev/null; then \
		echo "make shellcheck: SKIPPED: shellcheck is not on the path: install it (Debian: shellcheck)" >&2; \
		[[ "$${CI:-}" != true ]]; \
	else \
		git ls-files --cached --others --exclude-standard | while read -r file; do \
			[[ ! -f $$file ]] || awk 'NR == 1 && /^#!.*[\/ ](ba|da)?sh( |$$)/ { print FILENAME } { exit }' "$$file"; \
		done | xargs shellcheck; \
	fi

.PHONY: bench
bench: build ## Speed beside servers written by hand, each a process over a Redis of its own; rewrites the table of docs/performance.md
	$(GO) run ./impl/internal/bench -rounds $(BENCH_ROUNDS) $(BENCH_FLAGS)

.PHONY: profile
profile: ## Profile the server under load, over redis-server, for the compiler; rewrites cmd/mtrackd/serve.pgo
	@mkdir -p $(BUILD)
	$(GO) test -trimpath -run '^$$' -bench Serve -benchtime 100000x -o $(BUILD)/mtrackd.test -cpuprofile $(CURDIR)/$(PROFILE) ./cmd/mtrackd

.PHONY: gate-table
gate-table: build ## The spec gate beside redocly, spectral and oasdiff, where they are on the path or in TOOLS; rewrites the table of docs/spec-gate.md
	PATH="$(CURDIR)/$(BUILD)/bin:$$PATH" $(GO) run ./openapi/gate/internal/beside -table docs/spec-gate.md -tools "$(TOOLS)"

.PHONY: reliability
reliability: build ## Faults under load, who may do what, hostile clients; rewrites the table of docs/reliability.md; takes an hour, QUICK=1 two minutes
	$(GO) run ./impl/internal/reliability $(RELIABILITY_FLAGS)

# Go sometimes calls it a failure that the time was up in the middle of a step: "context deadline exceeded", with no input
# that fails. Such a target gets its time once more.
.PHONY: fuzz
fuzz: ## Fuzz every target for FUZZ_TIME each
	@log="$$(mktemp)"; trap 'rm -f "$$log"' EXIT; \
	grep --recursive --include='*_test.go' '^func Fuzz' cmd conformance impl openapi | \
		sed 's|^\(.*\)/[^/]*:func \(Fuzz[A-Za-z0-9_]*\).*|\1 \2|' | while read -r package target; do \
			echo "$$package $$target"; \
			fuzz() { $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime=$(FUZZ_TIME) "./$$package" </dev/null 2>&1 | tee "$$log"; }; \
			fuzz || { grep -q '^ *context deadline exceeded$$' "$$log" && ! grep -q 'Failing input' "$$log" && fuzz; } || exit 1; \
		done

.PHONY: image
image: ## Build the reference server's container image, IMAGE
	@mkdir -p $(BUILD)/image
	$(SERVER) -o $(BUILD)/image/mtrackd ./cmd/mtrackd
	cp cmd/mtrackd/Dockerfile $(BUILD)/image/Dockerfile
	docker build --tag $(IMAGE) $(BUILD)/image

.PHONY: clean
clean: ## Remove what was built
	rm -rf $(BUILD)
