#!/usr/bin/env bash
# Files a case with a registrar's key and prints its id.
#   ZQ_URL=… ZQ_KEY=… register-case.sh CASE.json
set -euo pipefail
. "$(dirname "$0")/zq.sh"
zq POST /v1/cases "$1" | sed -n 's/.*"caseId":"\([0-9a-f-]*\)".*/\1/p'
