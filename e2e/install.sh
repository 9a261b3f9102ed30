#!/usr/bin/env bash
# Installs what the end-to-end tests need and leaves what is there alone: Docker,
# Chromium, the SAM CLI, the packages of the examples, and three base images.
# It is for Debian, as root. Everything but Debian's own packages goes below
# E2E_CACHE, outside of the repository.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
cache=${E2E_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/corsproxy-e2e}
mkdir -p "$cache"

say() { printf 'e2e: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

debian_packages() {
  local missing=()
  have dockerd || missing+=(docker.io)
  have chromium || missing+=(chromium)
  have node || missing+=(nodejs)
  have npm || missing+=(npm)
  have curl || missing+=(curl)
  have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
  docker compose version >/dev/null 2>&1 || have docker-compose || missing+=(docker-compose)
  busybox >/dev/null || missing+=(busybox-static)
  [ -s /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
  if [ ${#missing[@]} -eq 0 ]; then return; fi
  say "installing ${missing[*]}"
  if ! have apt-get || [ "$(id -u)" -ne 0 ]; then
    say "that needs Debian's apt-get, as root; install them by hand and run this again"
    exit 1
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$cache/apt.log"
}

# busybox prints the path of a statically linked busybox.
busybox() {
  local path
  for path in /bin/busybox /usr/bin/busybox; do
    # A dynamic one would not start in an image that holds nothing else.
    if [ -x "$path" ] && ! ldd "$path" >/dev/null 2>&1; then
      echo "$path"
      return
    fi
  done
  return 1
}

# current FILES... tells whether the folder in $1 was made from just these files.
stamp() { cat "${@:2}" | sha256sum | cut -d' ' -f1; }
current() { [ "$(cat "$1/.made-from" 2>/dev/null)" = "$(stamp "$@")" ]; }
made() { stamp "$@" >"$1/.made-from"; }

python_packages() { # NAME REQUIREMENTS-FILES...
  local venv=$cache/$1
  shift
  if current "$venv" "$@"; then return; fi
  say "installing $(basename "$venv") with pip"
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$1"
  made "$venv" "$@"
}

node_packages() { # NAME FOLDER
  local folder=$cache/$1
  if current "$folder" "$2/package.json" "$2/package-lock.json"; then return; fi
  say "installing $1 with npm"
  mkdir -p "$folder"
  cp "$2/package.json" "$2/package-lock.json" "$folder"
  npm ci --prefix "$folder" --silent --no-audit --no-fund
  made "$folder" "$2/package.json" "$2/package-lock.json"
}

docker_daemon() {
  if docker info >/dev/null 2>&1; then return; fi
  if [ "$(id -u)" -ne 0 ]; then
    say "no Docker daemon answers; start it and run this again"
    exit 1
  fi
  # A pid file that a killed daemon left keeps the next one from starting.
  if [ -f /var/run/docker.pid ] && ! grep -q dockerd "/proc/$(cat /var/run/docker.pid)/comm" 2>/dev/null; then
    rm -f /var/run/docker.pid
  fi
  local driver
  for driver in overlay2 vfs; do
    say "starting dockerd with $driver"
    # Nothing here needs the firewall: a published port is forwarded by
    # docker-proxy, and no container needs to reach the network.
    setsid nohup dockerd --storage-driver="$driver" --iptables=false --ip6tables=false --ip-forward=false \
      >"$cache/dockerd.log" 2>&1 </dev/null &
    local pid=$!
    for _ in $(seq 60); do
      if docker info >/dev/null 2>&1; then return; fi
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.5
    done
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  say "dockerd does not start:"
  tail -n 20 "$cache/dockerd.log" >&2
  exit 1
}

# rootfs FOLDER lays out the least that an image needs: a shell and its tools.
rootfs() {
  mkdir -p "$1"/{bin,etc/ssl/certs,tmp,root}
  cp "$(busybox)" "$1/bin/busybox"
  local applet
  for applet in $("$1/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$1/bin/$applet"
  done
  chmod 1777 "$1/tmp"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$1/etc/passwd"
  cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
}

image_made_from() { docker image inspect --format '{{index .Config.Labels "corsproxy-e2e.made-from"}}' "$1" 2>/dev/null || true; }

# lambda_image makes the base of Lambda containers. SAM adds the runtime
# interface emulator to it; a static function needs nothing else.
lambda_image() {
  local image=corsproxy-e2e/lambda:latest version=1
  if [ "$(image_made_from "$image")" = "$version" ]; then return; fi
  say "making $image"
  local tree=$cache/tree
  rm -rf "$tree"
  rootfs "$tree"
  mkdir -p "$tree"/var/{task,runtime}
  tar -C "$tree" -c . | docker import --change "LABEL corsproxy-e2e.made-from=$version" - "$image" >/dev/null
  # SAM keeps what it built on the one before.
  docker image rm --force "${image%:*}:rapid-x86_64" >/dev/null 2>&1 || true
  rm -rf "$tree"
}

# python_image makes the base of Lambda containers for Python: this machine's
# Python, with the runtime that AWS's own images have.
python_image() {
  local image=corsproxy-e2e/lambda-python:latest venv=$cache/lambda-python version python
  python=$("$venv/bin/python" -c 'import os, sys; print(os.path.realpath(sys.executable))')
  version=$(stamp "$image" "$venv/.made-from" <("$python" --version) <(declare -f python_image))
  if [ "$(image_made_from "$image")" = "$version" ]; then return; fi
  say "making $image"
  local tree=$cache/tree library modules file
  rm -rf "$tree"
  rootfs "$tree"
  mkdir -p "$tree"/var/{task,runtime}
  library=$("$python" -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
  modules=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  tar -C / -c --exclude='test' --exclude='__pycache__' --exclude='site-packages' --exclude='dist-packages' \
    "${python#/}" "${library#/}" | tar -C "$tree" -x
  tar -C "$modules" -c --exclude='pip*' --exclude='setuptools*' --exclude='pkg_resources' --exclude='*.pth' . | tar -C "$tree/var/runtime" -x
  # What they are linked with, at the same places.
  { ldd "$python" && find "$library/lib-dynload" "$modules" -name '*.so' -exec ldd {} +; } | grep -o '/[^ :]*\.so[^ :]*' | sort -u |
    while read -r file; do
      [ -e "$tree$file" ] || install -D "$(realpath "$file")" "$tree$file"
    done
  printf '#!/bin/sh\nexport PYTHONPATH=/var/runtime:/var/task\nexec %s -m awslambdaric "$_HANDLER"\n' "$python" >"$tree/var/runtime/bootstrap"
  chmod 755 "$tree/var/runtime/bootstrap"
  tar -C "$tree" -c . | docker import --change "LABEL corsproxy-e2e.made-from=$version" - "$image" >/dev/null
  docker image rm --force "${image%:*}:rapid-x86_64" >/dev/null 2>&1 || true
  rm -rf "$tree"
}

# go_image makes a stand-in for the image that the Dockerfile builds in: this
# machine's Go, and the modules of go.mod in place of a module proxy, so that
# the build needs no network.
go_image() {
  local image=corsproxy-e2e/golang:latest version
  version=$(cat "$root/go.mod" "$root/go.sum" <(go version) | sha256sum | cut -d' ' -f1)
  if [ "$(image_made_from "$image")" = "$version" ]; then return; fi
  say "making $image"
  local tree=$cache/tree goroot
  goroot=$(go env GOROOT)
  rm -rf "$tree"
  rootfs "$tree"
  mkdir -p "$tree/usr/local/go" "$tree/go"
  tar -C "$goroot" -c --exclude=./test --exclude=./api --exclude=./doc . | tar -C "$tree/usr/local/go" -x
  (cd "$root" && go mod download &&
    GOPROXY="file://$(go env GOMODCACHE)/cache/download" GONOSUMDB='*' GOMODCACHE="$cache/modules" GOFLAGS=-modcacherw go mod download)
  mv "$cache/modules/cache/download" "$tree/go/proxy"
  rm -rf "$cache/modules"
  tar -C "$tree" -c . | docker import \
    --change "LABEL corsproxy-e2e.made-from=$version" \
    --change 'ENV PATH=/usr/local/go/bin:/bin GOTOOLCHAIN=local GOPROXY=file:///go/proxy GONOSUMDB=*' \
    - "$image" >/dev/null
  rm -rf "$tree"
}

# superseded_images removes what earlier versions of the sources were built into:
# only images without a name that come from the stand-in above, or that a test
# built. What the last hour made is the builder's cache.
superseded_images() {
  local label
  for label in corsproxy-e2e.made-from org.opencontainers.image.version=0.0.0-e2e; do
    docker image prune --force --filter "label=$label" --filter until=1h >/dev/null
  done
}

debian_packages
python_packages sam "$here/requirements-sam.txt"
python_packages lambda-python "$here/requirements-lambda.txt"
python_packages flask "$here/requirements-flask.txt" "$root/examples/flask/requirements.txt"
node_packages express "$root/examples/express"
node_packages node "$here/node"
docker_daemon
superseded_images
lambda_image
python_image
go_image

say "$("$cache/sam/bin/sam" --version), $(chromium --version 2>/dev/null), Docker $(docker version --format '{{.Server.Version}}'), node $(node --version)"
