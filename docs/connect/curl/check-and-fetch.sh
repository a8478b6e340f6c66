#!/usr/bin/env bash
# Asks what the city already holds for a case, then fetches some of it.
#   ZQ_URL=… ZQ_KEY=… ZQ_OPERATOR=… check-and-fetch.sh CASE-ID MATERIAL…
# Leaves check.json and fetch.json: each is the answer with its receipt, ready for `zhengqiao verify`.
set -euo pipefail
. "$(dirname "$0")/zq.sh"
case_id=$1
shift
body=$(mktemp)
trap 'rm -f "$body"' EXIT

echo '{}' > "$body"
zq POST "/v1/cases/$case_id/checks" "$body" > check.json

materials=$(printf '{"code":"%s"},' "$@")
printf '{"materials":[%s]}' "${materials%,}" > "$body"
zq POST "/v1/cases/$case_id/fetches" "$body" > fetch.json

for file in check.json fetch.json; do
  printf '%s  receipt %s\n' "$file" "$(sed -n 's/.*"receipt":{"no":"\([0-9A-Z]*\)".*/\1/p' "$file")"
done
