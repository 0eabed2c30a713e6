# Every verb is one playbook; a person who prefers plain Ansible needs of this file only the environment.
INVENTORY ?= inventories/dev
PYTHON ?= python3
ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --progress-bar=off
# Kept beside what is compiled: a fresh clone type-checks in seconds.
MYPY = mypy --cache-dir=$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/todo-platform/mypy
# npm writes it last.
NODE_MODULES := app/frontend/node_modules/.package-lock.json
# What `make bundle` wrote, where it was unpacked.
BUNDLE := $(wildcard bundle/manifest.json)
# Linters, molecule and tests call their companions, and the deployment's kubectl and helm, by name.
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/.state/bin:$(PATH)
PLAY = $(BIN)/ansible-playbook -i $(INVENTORY)
# Shows the answer and not how it was found.
ASK = @ANSIBLE_STDOUT_CALLBACK=todo.platform.answer ANSIBLE_CALLBACKS_ENABLED=todo.platform.answer $(PLAY)

.DEFAULT_GOAL := help
.PHONY: help setup up backup restore rotate status scale logs shell open tunnel dev support bundle rollback down test lint unit backend agent frontend product drill bench fuzz mutate screenshots

help: ## Show the verbs
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/ready ## Make the Python environment and install the collections

up: setup ## Bring the deployment up: cluster, images, secrets, releases, checks
	$(PLAY) site.yml $(ARGS)

status: setup ## Say how the deployment is (ARGS='-e status_format=json' says it to programs)
	$(ASK) playbooks/status.yml $(ARGS)

scale: setup ## Give a component another number of pods (ARGS='-e component=NAME -e scale_replicas=N')
	$(ASK) playbooks/scale.yml $(ARGS)

logs: setup ## Show what the components write (ARGS='-e component=NAME -e logs_follow=true -e logs_lines=N')
	$(ASK) playbooks/logs.yml $(ARGS)

shell: setup ## Open a shell in a component (ARGS='-e component=NAME [-e shell_command=COMMAND]')
	$(ASK) playbooks/shell.yml $(ARGS)

open: setup ## Say where the application is (ARGS='-e open_browser=true' opens it)
	$(ASK) playbooks/open.yml $(ARGS)

tunnel: setup ## Lead a port of this machine to a Service (ARGS='-e tunnel_service=NAME [-e tunnel_port=N]')
	$(ASK) playbooks/tunnel.yml $(ARGS)

dev: setup ## Bring what is saved live in seconds, until Ctrl+C (ARGS='-e component=NAME')
	$(ASK) playbooks/dev.yml $(ARGS)

support: setup ## Collect what a maintainer needs into one archive, without a secret
	$(ASK) playbooks/support.yml $(ARGS)

bundle: setup ## Write one archive that brings all this up on a machine like this one, with the network off
	$(PLAY) playbooks/bundle.yml $(ARGS)

rollback: setup ## Bring a release back (ARGS='-e rollback_release=NAME [-e rollback_revision=N]')
	$(ASK) playbooks/rollback.yml $(ARGS)

backup: setup ## Make an encrypted backup of database and files, and fetch it
	$(PLAY) playbooks/backup.yml $(ARGS)

restore: setup ## Bring the newest backup back (asks first; ARGS='-e backup_file=FILE' takes another)
	$(PLAY) playbooks/restore.yml $(ARGS)

rotate: setup ## Give signing key and database password new values while the application is in use
	$(PLAY) playbooks/rotate_secrets.yml $(ARGS)

down: setup ## Remove the deployment (asks first; ARGS='-e reset_confirmed=true' does not)
	$(PLAY) playbooks/reset.yml $(ARGS)

test: lint up unit backend agent frontend product ## Run every test that CI runs

lint: $(VENV)/dev ## Run every linter and type checker
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/$(MYPY)/project plugins docs bench collections/bundle.py collections/install.py roles/backup/files/image/backup.py tests
	$(BIN)/yamllint --strict .
	$(BIN)/ansible-lint --offline
	$(BIN)/hadolint app/docker/*/Dockerfile roles/*/files/*/Dockerfile

unit: $(VENV)/dev # Plugins, charts and the project's own rules
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder tests/unit tests/charts tests/project

backend: $(VENV)/dev # The backend against a real PostgreSQL
	cd app/backend && ../../$(BIN)/$(MYPY)/backend app && ../../$(BIN)/pytest -n 2

agent: $(VENV)/dev # The agent against servers that speak the providers' protocols
	cd app/agent && ../../$(BIN)/$(MYPY)/agent && ../../$(BIN)/pytest -n 2

frontend: $(NODE_MODULES) # Types, lint, units and the built server of the frontend
	cd app/frontend && npm run lint && npm run typecheck && npm test && npm run build && npm run test:server

product: $(VENV)/dev $(NODE_MODULES) up # Everything that needs the cluster: scenarios, the browser, bad days, reset
	$(BIN)/pytest -n 3 -m 'not alone' tests/product
	$(BIN)/pytest -m alone tests/product

drill: $(VENV)/dev $(NODE_MODULES) ## Run what takes longer: kills, rollouts and bad releases under load, registries, the browser's stories ten times and by keyboard
	$(BIN)/ansible-playbook tests/integration/prerequisites.yml
	$(BIN)/pytest tests/integration
	cd app/backend && MCP_CALLS=1000 ../../$(BIN)/pytest tests/test_mcp_replicas.py
	cd app/agent && CONVERSATIONS=500 ../../$(BIN)/pytest tests/test_conversations.py
	cd app/frontend && npm run build && PYTHON=$(CURDIR)/$(BIN)/python npm run e2e -- --repeat-each 10
	cd app/frontend && PYTHON=$(CURDIR)/$(BIN)/python npm run e2e:keyboard

bench: $(VENV)/dev $(NODE_MODULES) ## Measure the promises and write bench/results (ARGS=--cold measures the first run too)
	$(BIN)/python -m bench $(ARGS)

fuzz: $(VENV)/dev ## Send the backend twenty thousand requests of every kind, and keep what came of it
	$(BIN)/python -m bench fuzz

mutate: $(VENV)/dev ## Break the deciding modules line by line, and write what no test notices into bench/results/mutate
	$(BIN)/python -m bench.mutate $(ARGS)

screenshots: $(VENV)/dev $(NODE_MODULES) ## Take the README's pictures anew, of the built frontend with a backend of its own
	cd app/frontend && npm run build && PYTHON=$(CURDIR)/$(BIN)/python npm run screenshots

$(NODE_MODULES): $(VENV)/dev app/frontend/package.json app/frontend/package-lock.json
	cd app/frontend && npm ci --no-fund --no-audit
	touch $@

$(VENV)/ready: requirements.txt requirements.yml collections/install.py $(BUNDLE)
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed; name it with PYTHON=...")'
	$(PYTHON) collections/bundle.py install
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) $(if $(BUNDLE),--no-index --find-links=bundle/wheels) -r requirements.txt
	$(BIN)/python collections/install.py
	touch $@

$(VENV)/dev: $(VENV)/ready requirements-dev.txt app/agent/requirements.txt app/backend/requirements.txt app/backend/requirements-dev.txt
	$(PIP) -r requirements-dev.txt
	$(BIN)/ansible-playbook tests/prerequisites.yml
	touch $@
