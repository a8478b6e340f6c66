#!/usr/bin/env bash
# Clones the last commit and runs commands in the clone (default: npm test), with npm's install scripts
# blocked: as the caller, and when that is root also as an ordinary user under a 0700 home.
#   bash test/fresh.sh [COMMAND...]        FRESH_USER names the ordinary user (default nobody)
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 0711 "$work"
[ $# -gt 0 ] || set -- 'npm test'

script=$(printf '%s\n' 'set -euo pipefail' 'cd "$HOME/zhengqiao"' 'npm ci --ignore-scripts' "$@")

clone() { # NAME MODE: prints a home with a clone in it
  mkdir -m "$2" "$work/$1"
  git clone --quiet "$source_dir" "$work/$1/zhengqiao"
  echo "$work/$1"
}

echo "== as $(id -un)"
home=$(clone caller 0755)
HOME=$home bash -c "$script"

if [ "$(id -u)" = 0 ]; then
  account=${FRESH_USER:-nobody}
  echo "== as $account, under a 0700 home"
  home=$(clone ordinary 0700)
  chown -R "$account:" "$home"
  su -s /bin/bash "$account" -c "export HOME='$home' PATH='$PATH'; bash -s" <<<"$script"

  echo "== as root, under a 0700 home"
  home=$(clone closed 0700)
  chmod 0700 "$work"
  HOME=$home bash -c "$script"
fi
echo '== all fresh clones passed'
