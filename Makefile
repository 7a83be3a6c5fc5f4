# Fairlead. `make help` lists the targets; CI and README use the same ones.

SHELL       := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

TOOLS     := .local/tools
BUILDS    := .local/build
FUNCTIONS := $(patsubst functions/%/lambda/main.go,%,$(wildcard functions/*/lambda/main.go))
LAMBDA    := CGO_ENABLED=0 go build -trimpath -buildvcs=false -tags lambda.norpc -ldflags "-s -w -buildid="

GOLANGCI_VERSION   := v2.15.0
ACTIONLINT_VERSION := v1.7.12
GOVULN_VERSION     := v1.9.0
GOLANGCI   := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
ACTIONLINT := $(TOOLS)/actionlint-$(ACTIONLINT_VERSION)
GOVULN     := $(TOOLS)/govulncheck-$(GOVULN_VERSION)
JUDGES     := $(TOOLS)/judges
ORACLE     := $(TOOLS)/oracle

export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

FUZZTIME ?= 3s
SEEDS    ?= 1000
SEED     ?= 1
CASES    ?= 10000
FAULTS   ?=
SERVICE  ?= web
TAG      ?=
BEHAVIOUR ?=

.PHONY: help demo test local push doctor synth deploy check build lint fmt-check fuzz judges oracle simulate faults mutants golden generated clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: build synth ## the main job on the embedded AWS: a push, a healthy service, a rollback
	@$(BUILDS)/fairlead-local demo

test: ## all tests
	go test -timeout 20m ./...

local: build synth ## keep the embedded AWS running on 127.0.0.1:4566
	@$(BUILDS)/fairlead-local run

push: $(BUILDS) ## push an image to the running embedded AWS: SERVICE= TAG= BEHAVIOUR="exit=1"
	@CGO_ENABLED=0 go build -trimpath -o $(BUILDS)/fairlead-push ./cmd/fairlead-local # the functions run meanwhile: not rebuilt
	@$(BUILDS)/fairlead-push push -service "$(SERVICE)" -tag "$(TAG)" -behaviour "$(BEHAVIOUR)"

doctor: $(BUILDS) ## look at all configured services on the running embedded AWS: would a push come to grief?
	@CGO_ENABLED=0 go build -trimpath -o $(BUILDS)/fairlead-push ./cmd/fairlead-local # the functions run meanwhile: not rebuilt
	@$(BUILDS)/fairlead-push doctor

synth: ## synthesise the stacks into cdk.out
	@go run ./infra

deploy: node_modules ## deploy to AWS, with the credentials of your environment
	npx --no-install cdk deploy --all

check: fmt-check lint generated judges oracle ## most of what CI runs: format, lint, vet, judges, oracle, tests with -race, fuzzers, generated files
	go vet ./...
	go test -race -timeout 40m ./...
	$(MAKE) fuzz

$(BUILDS):
	@mkdir -p $@

build: $(BUILDS) ## build the functions, the command line and the embedded AWS for this machine
	@for f in $(FUNCTIONS); do $(LAMBDA) -o $(BUILDS)/$$f/bootstrap ./functions/$$f/lambda; done
	@CGO_ENABLED=0 go build -trimpath -o $(BUILDS)/fairlead ./cmd/fairlead
	@CGO_ENABLED=0 go build -trimpath -o $(BUILDS)/fairlead-local ./cmd/fairlead-local

fmt-check: $(GOLANGCI)
	$(GOLANGCI) fmt --diff ./...

lint: $(GOLANGCI) $(ACTIONLINT)
	$(GOLANGCI) run ./...
	$(ACTIONLINT)

fuzz: ## run every fuzzer for FUZZTIME
	./.ci/fuzz $(FUZZTIME)

judges: node_modules $(JUDGES)/installed $(GOVULN) ## what others' checkers say of the templates, the workflow and the code
	@go run ./infra/judges

oracle: $(ORACLE)/installed ## ask another policy simulator about made-up policies and the roles of the stacks: SEED= CASES=
	@CDK_OUTDIR=$(CURDIR)/.local/oracle FAIRLEAD_WITHOUT_FUNCTIONS=yes go run ./infra
	@go run ./local/iam/oracle -dir $(ORACLE) -assembly .local/oracle -seed "$(SEED)" -cases "$(CASES)"

simulate: ## made-up deployments with faults, some hundreds a minute: SEEDS=1000 or 5000-6000, FAULTS=kills,events
	@go run ./cmd/fairlead-simulate -seeds "$(SEEDS)" -faults "$(FAULTS)"

faults: ## every fault at every call of every path that a deployment can take, and a person at every moment
	go test ./local/stories -run "TestEveryFaultAtEveryCall|TestAPersonActsAtAnyMoment" -thorough -timeout 90m

mutants: ## switch each safeguard off, and want a simulated run that fails for it
	go test ./local/simulate/mutants -mutants -v -timeout 40m

golden: ## write the golden files anew
	go test ./infra ./functions/recordoutcome ./local/states -run "Golden|History" -update

generated: ## fail if the modules are not those of go.sum, or a build has changed it (generated pages are held by golden tests)
	go mod verify
	git diff --exit-code -- go.mod go.sum

clean: ## remove what was built here
	rm -rf .local cdk.out dist node_modules

node_modules: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

$(JUDGES)/installed: .ci/judges.txt
	rm -rf $(JUDGES)
	python3 -m venv $(JUDGES)
	$(JUDGES)/bin/pip install --quiet --disable-pip-version-check --no-deps -r .ci/judges.txt
	@touch $@

$(ORACLE)/installed: local/iam/oracle/package.json local/iam/oracle/package-lock.json
	rm -rf $(ORACLE)
	mkdir -p $(ORACLE)
	cp $^ $(ORACLE)/
	cd $(ORACLE) && npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

$(GOVULN):
	rm -f $(TOOLS)/govulncheck*
	GOBIN=$(CURDIR)/$(TOOLS) go install golang.org/x/vuln/cmd/govulncheck@$(GOVULN_VERSION)
	mv $(TOOLS)/govulncheck $@

$(GOLANGCI):
	GOBIN=$(CURDIR)/$(TOOLS) go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

$(ACTIONLINT):
	GOBIN=$(CURDIR)/$(TOOLS) go install github.com/rhysd/actionlint/cmd/actionlint@$(ACTIONLINT_VERSION)
	mv $(TOOLS)/actionlint $@
