#!/usr/bin/env bash
# Releases a validated batch with the key of a second steward, who has looked at it.
#   ZQ_URL=… ZQ_KEY=… release-batch.sh BATCH-ID ROOT ROWS
# This signed request is the order under which the department's signer signs exactly these credentials.
set -euo pipefail
. "$(dirname "$0")/zq.sh"
batch=$1 root=$2 rows=$3
body=$(mktemp)
trap 'rm -f "$body"' EXIT

printf '{"root":"%s","rows":%d}' "$root" "$rows" > "$body"
zq POST "/v1/batches/$batch/release" "$body" > /dev/null
state=releasing
while [ "$state" = releasing ]; do
  sleep 1
  state=$(zq GET "/v1/batches/$batch" | sed -n 's/.*"state":"\([a-z_]*\)".*/\1/p')
done
echo "$batch $state"
[ "$state" = released ]
