#!/usr/bin/env bash
# A newcomer's path, timed: clone, npm ci, demo, own client onboarded, first signed check by each recipe.
# Needs git, curl, openssl, java and python3 (apt-get install git curl openssl default-jre-headless python3).
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0711 "$work"
begin=$(date +%s)
step() { # LABEL COMMAND...
  local label=$1 from
  shift
  from=$(date +%s)
  "$@" > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  printf '%6s s  %s\n' "$(($(date +%s) - from))" "$label"
}
step 'git clone' git clone --quiet "$source_dir" "$work/zhengqiao"
cd "$work/zhengqiao"
step 'npm ci' npm ci
step 'npm run demo -- --once' npm run demo -- --once
node --import tsx test/recipes/run-newcomer.ts
printf '%6s s  in all\n' "$(($(date +%s) - begin))"
