# Every target is one line over go: no logic lives here.
GO ?= go
X ?=
N ?= 100000

.DEFAULT_GOAL := help
.PHONY: lab renew dist browser test-browser measure soak pictures help test test-all check bench bench-trace stress list doctor run-fork run-vfork run-exit run-wait run-doublefork run-exec run-setuid run-system

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-16s %s\n", $$1, $$2}' Makefile

run-fork: ## fork, and what a child gets (X=offset: that one)
	@$(GO) run ./fork $(X)

run-vfork: ## vfork: the child runs in its parent's memory
	@$(GO) run ./vfork $(X)

run-exit: ## ways to end, orphans and zombies
	@$(GO) run ./exit $(X)

run-wait: ## wait, waitpid, waitid and what they tell
	@$(GO) run ./wait $(X)

run-doublefork: ## the double fork, and daemons
	@$(GO) run ./doublefork $(X)

run-exec: ## the exec functions, and interpreter files
	@$(GO) run ./exec $(X)

run-setuid: ## user ids and group ids: set-user-ID programs (as root)
	@$(GO) run ./setuid $(X)

run-system: ## system, accounting, login, nice values, process times
	@$(GO) run ./system $(X)

lab: ## write, run and check programs in the browser
	@$(GO) run ./ch8 serve $(X)

list: ## all experiments and their claims
	@$(GO) run ./ch8 list

check: ## check every claim on this kernel (X=fork/glob: one)
	@$(GO) run ./ch8 check $(X)

doctor: ## what this machine can do, and what will differ here
	@$(GO) run ./ch8 doctor

test: ## the tests: a fixed sample of everything, 2 minutes
	$(GO) test -count=1 ./...

test-all: ## all tests: every program, every seed; half an hour
	CH8_TEST_ALL=1 $(GO) test -count=1 -timeout 60m ./...

bench: ## fork and vfork against C, Python and re-exec, as ratios
	@$(GO) run ./ch8/proc/bench

bench-trace: ## the recorder against strace, as ratios
	$(GO) test -count=1 -run '^$$' -bench . ./internal/record

stress: ## N=100000 forks whose children do ordinary Go
	$(GO) run ./ch8/proc/stress -n $(N)

dist: ## dist/: ch8 as one file for each system
	@$(GO) run ./internal/dist

browser: ## dist/browser/: the lab with a Linux machine in the page
	@$(GO) run ./internal/browser

test-browser: browser ## the lab in a browser tab, tried in headless Chromium
	CH8_BROWSER=$(CURDIR)/dist/browser $(GO) test -count=1 -timeout 30m ./internal/browser

pictures:
	$(GO) test -count=1 ./ch8 -run 'Recordings|Pictures' -update

renew: ## all that is made from other files: transcripts, pictures
	$(GO) test -count=1 ./fork ./vfork ./exit ./wait ./doublefork ./exec ./setuid ./system ./internal/grade ./ch8 -update
	$(GO) test -count=1 ./internal/locale -update

measure: ## docs/measurements.md anew (minutes, on a quiet machine)
	$(GO) run ./internal/measure

soak: ## all checks again and again, under load; an hour or two
	$(GO) run ./internal/measure soak
