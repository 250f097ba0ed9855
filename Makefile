# Sluice: the front door. `make help` lists what there is.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# What the build needs, and what only tests and the demo need.
DEPS := libssl-dev libnghttp2-dev libsimdjson-dev libyaml-dev libwslay-dev pkg-config
TEST_DEPS := openssl curl jq python3-yaml python3-jsonpatch

SWIFT_BUILD := swift build
RELEASE := -c release --static-swift-stdlib -Xlinker -s
SLUICE := .build/release/sluice
SOURCES := Sources Tests Package.swift

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: deps test-deps
deps: ## Install the Debian packages that the build needs
	@Tests/install-packages $(DEPS)

test-deps: deps ## Install what tests, the demo and make certs need (openssl)
	@Tests/install-packages $(TEST_DEPS)

.PHONY: build
build: deps ## Build .build/release/sluice with the Swift runtime linked in
	$(SWIFT_BUILD) $(RELEASE) --product sluice

.PHONY: quick test test-all
quick: test-deps ## Run the tests that need no cluster: some 75 s, once built
	@Tests/run quick

test: test-deps ## Run these, the end-to-end suite on a real API server, and the common drains in real pods: 20 minutes, once built
	@Tests/run test

test-all: test-deps ## Run everything: also faults, labelled nodes, the demo, and a real Alluxio where ALLUXIO_HOME names one
	@Tests/run all

.PHONY: run-tests
run-tests: test-deps # for .ci/run: the STEPS of Tests/run
	@Tests/run $(STEPS)

.PHONY: test-alluxio test-faults test-nodes
test-alluxio: test-deps ## Run the common drains on the real Alluxio that ALLUXIO_HOME names, in pods
	@Tests/run alluxio

test-faults: test-deps ## Run scale-down with one fault after the other, on a stand-in for Alluxio in pods
	@Tests/run faults

test-nodes: test-deps ## Run scale-down under Fluid 0.6 and older, whose workers are on labelled nodes, on three nodes
	@Tests/run nodes

# With one size it ends with the line: drained N files in S s; survivors keep P %; peak M MiB
.PHONY: measure
measure: test-deps build ## Scale 3 -> 2 on the real Alluxio that ALLUXIO_HOME names, with FILES="300 20000 100000 1000000"
	$(SWIFT_BUILD) $(RELEASE) --product alluxio-loader
	@Tests/Alluxio/scale $(FILES)

.PHONY: measure-cache
measure-cache: test-deps build ## Let a reader loop on a real Alluxio while its cache goes 3 -> 2 -> 3, with Sluice, without, and by path
	$(SWIFT_BUILD) $(RELEASE) --product alluxio-loader
	@Tests/Alluxio/measure-cache

.PHONY: demo
demo: test-deps build ## Show it on a real API server, from a fresh clone; ONCE=1 ends by itself with the result
	$(if $(ALLUXIO_HOME),$(SWIFT_BUILD) $(RELEASE) --product alluxio-loader)
	@Tests/Demo/demo

.PHONY: format check
format: ## Format the sources
	swift format --in-place --recursive --parallel $(SOURCES)

check: deps ## Lint the sources and check the imports, without running tests
	swift format lint --strict --recursive --parallel $(SOURCES)
	$(SWIFT_BUILD) --build-tests --explicit-target-dependency-import-check error

# What `make install` puts into the cluster: OVERLAY and IMAGE as in webhook-config/install --help.
CONTAINER_TOOL ?= docker

.PHONY: certs install uninstall image
certs: ## Make the webhook's certificates in certs/out; NAMES="..." adds names and addresses
	@certs/make-certs $(NAMES)

install: certs ## Install into the current context's cluster; ARGS="--with-crds" and others: webhook-config/install --help
	@webhook-config/install $(if $(IMAGE),--image $(IMAGE)) $(if $(OVERLAY),--overlay $(OVERLAY)) $(ARGS)

uninstall: ## Remove from the current context's cluster, unless workers are held: webhook-config/uninstall --help
	@webhook-config/uninstall $(ARGS)

image: ## Build the container image IMAGE (sluice:latest)
	$(CONTAINER_TOOL) build --tag $(or $(IMAGE),sluice:latest) .

# The production controller in a simulated world: SEEDS schedules FROM a seed, or one schedule told step by step.
.PHONY: simulate mutants
simulate: deps ## Run SEEDS=1000 simulated schedules FROM=1, or replay the one of SEED=...
	ONLY_TESTS=SimulationTests SWIFT_DETERMINISTIC_HASHING=1 SLUICE_SEEDS=$(if $(SEED),1,$(or $(SEEDS),1000)) \
	  SLUICE_FROM=$(or $(SEED),$(FROM),1) SLUICE_TRACE=$(SEED) \
	  swift test --disable-xctest -c release -Xswiftc -enable-testing --scratch-path .build/simulate --filter 'Simulated'

mutants: deps ## Break the drain in MUTANTS=200 small ways drawn by SEED=1, and count how many the tests notice
	@Tests/Mutants/mutants

.PHONY: clean
clean: ## Remove everything that was built; the certificate authority in certs/out stays
	rm -rf .build

.PHONY: bench-deps bench bench-figures
bench-deps: deps
	@Tests/install-packages wrk nghttp2-client nginx-light libnginx-mod-http-echo curl

bench-figures: deps build ## Measure what it costs to keep the figures of 200 and of 1,000 caches
	@Tests/Bench/figures

bench: bench-deps build ## Measure against nginx, side by side, and the worst cases: BENCH_SECONDS=5 BENCH_ROUNDS=3
	@Tests/Bench/bench
	@Tests/Bench/worst-cases
	$(SWIFT_BUILD) $(RELEASE) --product worst-case-reviews
	@Tests/Bench/worst-reviews
