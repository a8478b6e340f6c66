#!/usr/bin/env bash
# Pushes one file of licences (NDJSON, a line each, at most 50 MB) with a steward's key and validates it.
#   ZQ_URL=… ZQ_KEY=… push-stock.sh ISSUER-CODE ROWS.ndjson
# Prints what a second steward needs to release the batch: its id, root and number of rows.
set -euo pipefail
. "$(dirname "$0")/zq.sh"
issuer=$1 rows=$2
body=$(mktemp)
trap 'rm -f "$body"' EXIT
member() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

printf '{"issuerCode":"%s","format":"ndjson","expectedRows":%d,"expectedChunks":1}' \
  "$issuer" "$(wc -l < "$rows")" > "$body"
batch=$(zq POST /v1/batches "$body" | member batchId)
zq PUT "/v1/batches/$batch/chunks/1" "$rows" application/x-ndjson > /dev/null
zq POST "/v1/batches/$batch/validate" > /dev/null

state=validating
while [ "$state" = validating ]; do
  sleep 1
  seen=$(zq GET "/v1/batches/$batch")
  state=$(member state <<< "$seen")
done
if [ "$state" != validated ]; then
  echo "batch $batch is $state: $(member failure <<< "$seen")" >&2
  zq GET "/v1/batches/$batch/errors" >&2
  exit 1
fi
echo "$batch $(member root <<< "$seen") $(member valid <<< "$seen")"
