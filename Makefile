# The commands of the kit. `make` alone lists them.

SHELL := /bin/bash
SWIFT_RELEASE := -c release --static-swift-stdlib
BINARY := .build/release/cispec
ARGS ?=
TARGET ?= validate
TIME ?= 600

.PHONY: help
help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: dependencies
dependencies: ## Install what is missing of the C libraries and tools
	@Scripts/install-dependencies

.PHONY: build
build: ## Build the release program, .build/release/cispec
	@Scripts/install-dependencies build
	@swift build $(SWIFT_RELEASE) --product cispec

.PHONY: run
run: build ## Run the whole kit against the embedded emulator
	@$(BINARY) run $(ARGS)

.PHONY: dist
dist: build ## Make the archives of a release, checksums and SBOM, below .build/dist
	@Scripts/dist.py

.PHONY: test
test: dependencies ## Run every test: units, the real program, a real SDK, foreign readers
	@Scripts/test

.PHONY: check
check: dependencies ## Lint the sources and the data
	@Scripts/check

.PHONY: docs
docs: ## Build the documentation of the libraries with docc, below .build/docs
	@Scripts/install-dependencies build
	@Scripts/docs

.PHONY: format
format: ## Format the Swift sources
	@swift format --in-place --recursive Package.swift Sources Tests Benchmarks Fuzz Examples

.PHONY: bench
bench: dependencies ## Measure against peers, in ratios
	@Benchmarks/run

.PHONY: fuzz
fuzz: dependencies ## Fuzz a TARGET of Fuzz/README.md (validate, har, emulator-socket, …) for TIME=600 seconds
	@Scripts/fuzz $(TARGET) $(TIME)

.PHONY: soak
soak: build ## Let serve answer for TIME=3600 seconds and watch its memory, descriptors and threads
	@nice Scripts/soak $(if $(filter file,$(origin TIME)),3600,$(TIME))

.PHONY: sanitize
sanitize: dependencies ## Run the Swift tests under the address and the thread sanitizer
	@Scripts/sanitize
