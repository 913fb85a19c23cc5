# The menu: `make` shows it. Flags pass through ARGS, as in make deploy-prod ARGS=--yes
# (make itself reports 2 for any failure; the verdict's line says which it was).
.DEFAULT_GOAL := help
SHELL := /bin/sh
# before version 4.3, and macOS has 3.81, a # begins a comment even there
HASH := \#
.PHONY: help packages $(shell sed -n 's/^\([a-z0-9-]*\):.*$(HASH)$(HASH).*/\1/p' '$(lastword $(MAKEFILE_LIST))')
LOCAL := ./infrastructure/local/cli
# A variable as exactly one argument, whatever it holds; nothing if it is empty. The script refuses unknown values, but it
# would take REV=--yes as a flag. And not from the shell: an ENV that was exported for something else would decide what is
# changed.
one = $(if $(and $(filter environment%,$(origin $1)),$(value $1)),$(error $1 is exported in your shell; type it after make, as in: make $@ $1=…))$(if $(filter -%,$(firstword $(value $1))),$(error $1=$(value $1) looks like a flag; pass flags in ARGS))$(if $(value $1),'$(subst ','\'',$(value $1))')

##@ Start here
deploy-local: packages ## Deploy everything to an AWS on this machine: no account, no cost
	./deploy/local.mts $(ARGS)
test: packages ## The tests, in minutes; ARGS="unit scripts" runs some
	./test/run.mts $(ARGS)
test-all: packages ## Every test: also rollouts that fail, and each documented command
	./test/run.mts --all
dev: packages ## Run backend, frontend and a local DynamoDB with reload, no Docker
	./deploy/dev.mts $(ARGS)

##@ Deploy
check: packages ## Check settings, tools, account and what is live; PART=before for CI, PART=drift
	./deploy/check.mts $(call one,ENV) $(call one,PART) $(ARGS)
deploy-dev: packages ## Deploy everything to development
	./deploy/all.mts development $(ARGS)
deploy-staging: packages ## Deploy everything to staging
	./deploy/all.mts staging $(ARGS)
deploy-prod: packages ## Deploy everything to production
	./deploy/all.mts production $(ARGS)
deploy-all: packages ## Deploy everything to ENV: infrastructure, backend, frontend
	./deploy/all.mts $(call one,ENV) $(ARGS)
deploy-infrastructure: packages ## Deploy the stack of ENV
	./deploy/infrastructure.mts $(call one,ENV) $(ARGS)
deploy-backend: packages ## Deploy the backend of ENV: image, task definition, service
	./deploy/backend.mts $(call one,ENV) $(ARGS)
deploy-frontend: packages ## Deploy the site of ENV: bundle, upload, invalidation
	./deploy/frontend.mts $(call one,ENV) $(ARGS)

##@ Look
status: packages ## Show what is live in ENV: stack, service, release, image, site
	./deploy/status.mts $(call one,ENV) $(ARGS)
health: packages ## Check that backend, data, page and WebSocket of ENV answer
	./deploy/health.mts $(call one,ENV) $(ARGS)
urls: packages ## Print the URLs of ENV
	./deploy/urls.mts $(call one,ENV) $(ARGS)
watch: packages ## Follow the rollout in ENV to its end
	./deploy/watch.mts $(call one,ENV) $(ARGS)
logs: packages ## Follow the logs of the tasks of ENV; ARGS="--since 2h --no-follow"
	./deploy/logs.mts $(call one,ENV) $(ARGS)
invalidation: packages ## Follow the latest CDN invalidation of ENV, or ID
	./deploy/invalidation.mts $(call one,ENV) $(call one,ID) $(ARGS)
diff: packages ## Show what a deployment to ENV would change; PART=image or another
	./deploy/diff.mts $(call one,ENV) $(call one,PART) $(ARGS)
debug: packages ## Print debug commands with ENV's real names, ready to paste
	./deploy/debug.mts $(call one,ENV) $(ARGS)
admin-secret: packages ## Print ENV's admin secret
	./deploy/admin-secret.mts $(call one,ENV) $(ARGS)
quiz-demo: packages ## Play a quiz with PLAYERS simulated players in local or development
	./deploy/quiz-demo.mts $(call one,ENV) $(call one,PLAYERS) $(ARGS)

##@ Releases
releases: packages ## List the releases of ENV: who, when, how each ended; RELEASE=id
	./deploy/releases.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
revisions: packages ## List the backend revisions of ENV that you can roll back to
	./deploy/revisions.mts $(call one,ENV) $(ARGS)
promote: packages ## Deploy to TO exactly what FROM runs, without a build
	./deploy/promote.mts $(call one,FROM) $(call one,TO) $(call one,RELEASE) $(ARGS)
rollback: packages ## Roll the backend back to REV, or the last good one; ENV=production
	./deploy/rollback.mts $(or $(call one,ENV),production) $(call one,REV) $(ARGS)
rollback-frontend: packages ## Roll the site of ENV back to RELEASE, without a build
	./deploy/rollback-frontend.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
rollback-release: packages ## Roll backend and site of ENV back to what was live after RELEASE
	./deploy/rollback-release.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
rollback-infrastructure: packages ## Roll the stack of ENV back: out of a failure, or to RELEASE
	./deploy/rollback-infrastructure.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
unlock: packages ## Break the deploy lock of ENV that a dead deployment left behind
	./deploy/unlock.mts $(call one,ENV) $(ARGS)

##@ Change
access: packages ## Make the roles and policies of ENV, once, as an administrator
	./deploy/access.mts $(call one,ENV) $(ARGS)
scale: packages ## Run COUNT tasks in ENV
	./deploy/scale.mts $(call one,ENV) $(call one,COUNT) $(ARGS)
rotate-admin-secret: packages ## Replace the admin secret of ENV, and its tasks
	./deploy/rotate-admin-secret.mts $(call one,ENV) $(ARGS)
restore: packages ## Bring ENV's data back as it was AT=2026-11-28T20:15:00Z
	./deploy/restore.mts $(call one,ENV) $(call one,AT) $(ARGS)
destroy: packages ## Delete ENV; this cannot be undone
	./deploy/destroy.mts $(call one,ENV) $(ARGS)

##@ The AWS on this machine
local-up: packages ## Start it (deploy-local does this for you)
	$(LOCAL)/up.mts $(ARGS)
local-status: packages ## Show what runs there, and where
	$(LOCAL)/status.mts $(ARGS)
local-logs: packages ## Show its own log and the output of the tasks
	$(LOCAL)/logs.mts $(ARGS)
local-shell: packages ## Open a shell whose aws, cdk and docker talk to it
	$(LOCAL)/shell.mts $(ARGS)
local-faults: packages ## Make chosen calls to it fail: add, list, clear
	$(LOCAL)/faults.mts $(ARGS)
local-down: packages ## Stop it and remove every trace
	$(LOCAL)/down.mts $(ARGS)

##@ Build and check
build-backend: packages ## Compile TypeScript to backend/dist
	npm run build:backend
build-frontend: packages ## Build the site with tsc and Vite to frontend/dist
	npm run build:frontend
lint: packages ## Run oxlint with type-aware rules, prettier and tsc
	npm run lint
format: packages ## Format the code with prettier
	npm run format
e2e: packages ## Run the end-to-end suite on the account of ENV; it really deploys
	ENV=$(call one,ENV) ./test/run.mts account
chaos: packages ## Break, kill and interfere at random, an hour; MINUTES=5 SEED=17
	MINUTES=$(or $(call one,MINUTES),60) SEED=$(call one,SEED) node --import ./lib/script/loader.mjs --import ./test/runner/assert.mjs --test-reporter=spec test/chaos/chaos.slow.test.mts
bench: packages ## Time the toolkit against the documented commands typed by hand
	./bench/run.mts $(ARGS)
bench-quiz: packages ## Measure a quiz of 5,000 players on two half cores; ARGS=--soak
	./bench/quiz.mts $(ARGS)

help:
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  make %-24s %s\n", $$1, $$2 }' '$(lastword $(MAKEFILE_LIST))'
	@printf '\nENV is development, staging, production or local; flags go in ARGS="…", as in ARGS=--yes.\n'

# npm ci writes this file; it is older than the lock file after a pull that changed the packages
packages: node_modules/.package-lock.json
node_modules/.package-lock.json: package-lock.json
	npm ci --no-progress
	@touch $@
