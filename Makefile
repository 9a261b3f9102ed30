# Thin: each target is the command that one would type.

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
FUZZTIME ?= 60s
SOAKTIME ?= 30m
# The image that corsproxy is built in.
GO_IMAGE ?= golang:1.26

.PHONY: build test race lint fuzz e2e-deps e2e bench image release clean

build:
	go build -trimpath -ldflags '-X main.version=$(VERSION) -X main.revision=$(REVISION)' -o bin/corsproxy ./cmd/corsproxy

test:
	go test ./...

race:
	go test -race -shuffle=on ./...

lint:
	bash .ci/lint

fuzz:
	FUZZTIME=$(FUZZTIME) bash .ci/fuzz

# 100,000 generated exchanges of each kind, direct and proxied, and again with
# the upstream behind TLS; then every test of proxy with its upstream behind TLS.
# About 15 minutes.
differential:
	go test ./proxy -count=1 -timeout 60m -run TestDifferential -args -differential.n 100000 -differential.tls 100000 -differential.seed $$(date +%s)
	go test ./proxy -count=1 -args -upstream.tls 1.2
	go test ./proxy -count=1 -args -upstream.tls 1.3

# At full load, with restarts and reloads; the figures go to docs/reliability.md.
soak:
	go run ./soak -duration $(SOAKTIME) -out docs

# Docker, Chromium, the SAM CLI and the rest, on Debian as root.
e2e-deps:
	bash e2e/install.sh

e2e: e2e-deps
	cd e2e && E2E_REQUIRE=1 go test -tags e2e -count=1 -v ./...

# Beside nginx, haproxy, Caddy and others: about 20 minutes, on Debian as root.
# bench/install.sh prints where Caddy is.
bench:
	BENCH_CADDY=$$(bash bench/install.sh) PATH=$$PATH:/usr/sbin go run ./bench -out docs

image:
	docker build --build-arg GO_IMAGE=$(GO_IMAGE) --build-arg VERSION=$(VERSION) --build-arg REVISION=$(REVISION) -t corsproxy .

# Archives of every platform, an SBOM and checksums, in dist.
release:
	bash .ci/release dist

clean:
	rm -rf bin dist
