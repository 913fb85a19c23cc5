# The menu: `make` shows it. Flags pass through ARGS, as in make deploy-prod ARGS=--yes
# (make itself reports 2 for any failure; the verdict's line says which it was).
.DEFAULT_GOAL := help
SHELL := /bin/sh
.PHONY: help packages $(shell sed -n 's/^\([a-z0-9-]*\):.*##.*/\1/p' '$(lastword $(MAKEFILE_LIST))')
LOCAL := ./infrastructure/local/cli
# A variable as one argument, whatever is in it; none when it is empty. The script refuses what it does not know, but it
# would take REV=--yes for a flag.
one = $(if $(filter -%,$(firstword $(value $1))),$(error $1=$(value $1) begins as a flag does: flags go into ARGS))$(if $(value $1),'$(subst ','\'',$(value $1))')

##@ Start here
deploy-local: packages ## Deploy everything to an AWS on this machine: no account, no cost
	./deploy/local.mts $(ARGS)
test: packages ## Every test suite; ends with "N passed, N failed"
	./test/run.mts $(ARGS)
dev: packages ## Backend, frontend and a local DynamoDB with reload, without Docker
	./deploy/dev.mts $(ARGS)

##@ Deploy
check: packages ## Settings, tools, account, stack, drift, images and secrets of ENV; changes nothing
	./deploy/check.mts $(call one,ENV) $(ARGS)
deploy-dev: packages ## Everything to development
	./deploy/all.mts development $(ARGS)
deploy-staging: packages ## Everything to staging
	./deploy/all.mts staging $(ARGS)
deploy-prod: packages ## Everything to production
	./deploy/all.mts production $(ARGS)
deploy-all: packages ## Everything to ENV: infrastructure, backend, frontend
	./deploy/all.mts $(call one,ENV) $(ARGS)
deploy-infrastructure: packages ## The stack of ENV
	./deploy/infrastructure.mts $(call one,ENV) $(ARGS)
deploy-backend: packages ## The backend of ENV: image, task definition, service
	./deploy/backend.mts $(call one,ENV) $(ARGS)
deploy-frontend: packages ## The site of ENV: bundle, upload, invalidation
	./deploy/frontend.mts $(call one,ENV) $(ARGS)

##@ Look
status: packages ## What is live in ENV: stack, service, revision, release, image, site
	./deploy/status.mts $(call one,ENV) $(ARGS)
health: packages ## Backend, page and WebSocket of ENV, directly and through the CDN, with timings
	./deploy/health.mts $(call one,ENV) $(ARGS)
urls: packages ## Where ENV is found
	./deploy/urls.mts $(call one,ENV) $(ARGS)
watch: packages ## Follow the rollout in ENV to its end
	./deploy/watch.mts $(call one,ENV) $(ARGS)
logs: packages ## Follow what the tasks of ENV write; ARGS="--since 2h --no-follow"
	./deploy/logs.mts $(call one,ENV) $(ARGS)
invalidation: packages ## Follow the CDN's latest invalidation in ENV, or ID
	./deploy/invalidation.mts $(call one,ENV) $(call one,ID) $(ARGS)
diff: packages ## What a deployment to ENV would change; PART=infrastructure, service, image or site
	./deploy/diff.mts $(call one,ENV) $(call one,PART) $(ARGS)
debug: packages ## The documents' debug commands with the names of ENV, ready to paste
	./deploy/debug.mts $(call one,ENV) $(ARGS)
admin-secret: packages ## Show what an administrator of ENV signs in with
	./deploy/admin-secret.mts $(call one,ENV) $(ARGS)

##@ Releases
releases: packages ## What the ledger of ENV recorded, by whom, and how it ended; RELEASE=id shows one
	./deploy/releases.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
revisions: packages ## The backend's revisions in ENV that make rollback can go back to
	./deploy/revisions.mts $(call one,ENV) $(ARGS)
promote: packages ## What FROM runs, to TO: the same image and site, nothing is built
	./deploy/promote.mts $(call one,FROM) $(call one,TO) $(ARGS)
rollback: packages ## The backend back to revision REV, or to the last good release; ENV is production unless given
	./deploy/rollback.mts $(or $(call one,ENV),production) $(call one,REV) $(ARGS)
rollback-frontend: packages ## The site of ENV back to RELEASE, without a build
	./deploy/rollback-frontend.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
rollback-release: packages ## Backend and site of ENV back to what was live after RELEASE
	./deploy/rollback-release.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
rollback-infrastructure: packages ## The stack of ENV back: out of a failure, or to the code of RELEASE
	./deploy/rollback-infrastructure.mts $(call one,ENV) $(call one,RELEASE) $(ARGS)
unlock: packages ## Break the deploy lock of ENV that a dead deployment left
	./deploy/unlock.mts $(call one,ENV) $(ARGS)

##@ Change
scale: packages ## Run COUNT tasks in ENV
	./deploy/scale.mts $(call one,ENV) $(call one,COUNT) $(ARGS)
destroy: packages ## Remove ENV; there is no way back
	./deploy/destroy.mts $(call one,ENV) $(ARGS)

##@ The AWS on this machine
local-up: packages ## Start it (deploy-local does so by itself)
	$(LOCAL)/up.mts $(ARGS)
local-status: packages ## What runs there, and where
	$(LOCAL)/status.mts $(ARGS)
local-logs: packages ## Its own log and the tasks' output
	$(LOCAL)/logs.mts $(ARGS)
local-shell: packages ## A shell whose aws, cdk and docker talk to it
	$(LOCAL)/shell.mts $(ARGS)
local-faults: packages ## Make chosen calls to it fail: add, list, clear
	$(LOCAL)/faults.mts $(ARGS)
local-down: packages ## Stop it and remove every trace
	$(LOCAL)/down.mts $(ARGS)

##@ Build and check
build-backend: packages ## TypeScript to backend/dist
	npm run build:backend
build-frontend: packages ## tsc and Vite to frontend/dist
	npm run build:frontend
lint: packages ## oxlint with type-aware rules, prettier, tsc
	npm run lint
format: packages ## Let prettier write
	npm run format
e2e: packages ## The end-to-end suite on the account of ENV (development or staging), deployed to for real
	ENV=$(ENV) ./test/run.mts account
bench: packages ## Time the toolkit beside the documented commands typed by hand
	./bench/run.mts $(ARGS)

help:
	@awk 'BEGIN { FS = ":.*## " } /^##@/ { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  make %-22s %s\n", $$1, $$2 }' '$(lastword $(MAKEFILE_LIST))'
	@printf '\nENV is development, staging, production or local; flags go in ARGS="…", as in ARGS=--yes.\n'

# npm ci leaves this file; it is older than the lock after a pull that changed the packages
packages: node_modules/.package-lock.json
node_modules/.package-lock.json: package-lock.json
	npm ci --no-progress
	@touch $@
