# Two commands do all set-up on a fresh machine: `make demo` and `make test`.
# The others are shorthands; `make help` lists them.

CARGO ?= cargo

.DEFAULT_GOAL := help
.PHONY: help demo test bench gauntlet sim soak install

help: ## List these commands
	@sed -n 's/^\([a-z]*\): ## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)

demo: ## See tickets become landed commits: builds, then runs `gangline demo`
	$(CARGO) xtask setup --for demo
	$(CARGO) build --locked --workspace --exclude xtask --bins
	"$${CARGO_TARGET_DIR:-target}/debug/gangline" demo

test: ## Set up, then run everything that continuous integration runs
	$(CARGO) xtask setup --for test
	$(CARGO) xtask gate

bench: ## Measure, each figure beside its floor
	$(CARGO) xtask bench

gauntlet: ## Let dishonest and honest agents try to land work: none of the first may, all of the others
	$(CARGO) xtask setup --for test
	$(CARGO) xtask gauntlet

sim: ## Run the seeded world for 2,000 seeds
	$(CARGO) xtask sim

soak: ## Kill orchestrator, node and jobs at random moments, 200 times
	$(CARGO) xtask soak

install: ## Install the `gangline` binary, with its dashboard, for this user
	$(CARGO) xtask setup --for install
	$(CARGO) xtask web --only-build
	$(CARGO) install --locked --path crates/gangline
