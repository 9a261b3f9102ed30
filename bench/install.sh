#!/usr/bin/env bash
# Installs the proxies that bench measures corsproxy beside: nginx and haproxy
# from Debian's packages, Caddy through the Go module proxy, the ones for Node.js
# with npm. It is for Debian, as root, and leaves alone what is there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
for program in nginx haproxy; do
  command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || missing+=("$program")
done
command -v node >/dev/null || missing+=(nodejs npm)
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  # Without a service manager nothing is started; where there is one, these are
  # not to listen on the ports of this machine.
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  for program in "${missing[@]}"; do
    systemctl disable --now "$program" >/dev/null 2>&1 || true
  done
fi
npm ci --prefix bench/node --silent --no-audit --no-fund
bash .ci/tool github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.9
