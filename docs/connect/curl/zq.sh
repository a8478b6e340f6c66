# Signs and sends requests to a Zhengqiao gateway with openssl and curl: RFC 9421, ECDSA P-256 or SM2.
# Source it; then:  zq METHOD PATH [FILE [CONTENT-TYPE]]   prints the answer; fails on anything but 2xx.
#
#   ZQ_URL        the gateway's public URL, without a slash at the end (it is what gets signed)
#   ZQ_KEY        folder with key.pem (PKCS #8, P-256 or SM2) and cert.pem; the key never leaves it
#   ZQ_OPERATOR   who asks at the window; clerk systems must name a registered operator
#   ZQ_CONNECT    where to connect, if that is another address than ZQ_URL

base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }

# What the key decides: the hash that goes with it everywhere, and the name of its signatures.
choose_algorithms() {
  if openssl pkey -in "$ZQ_KEY/key.pem" -noout -text | grep -q SM2; then
    hash=sm3 digest_name=sm3 alg=sm2-sm3 sign_options=(-sigopt distid:1234567812345678)
  else
    hash=sha256 digest_name=sha-256 alg=ecdsa-p256-sha256 sign_options=()
  fi
}

# A signature as 64 bytes r‖s: openssl writes it as DER with two integers.
sign_raw() {
  local hex='' integer
  while read -r integer; do
    integer=$(printf '%64s' "$integer" | tr ' ' 0)
    hex+=${integer: -64}
  done < <(openssl dgst "-$hash" "${sign_options[@]}" -sign "$ZQ_KEY/key.pem" |
    openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p')
  printf "$(printf '%s' "$hex" | sed 's/../\\x&/g')"
}

# zq_once METHOD PATH FILE CONTENT-TYPE IDEMPOTENCY-KEY ANSWER: prints the HTTP status
zq_once() {
  local method=$1 path=$2 file=$3 type=$4 key=$5 answer=$6
  local hash digest_name alg sign_options
  choose_algorithms
  local names='"@method" "@target-uri"' base headers=() arguments=()
  base=$(printf '"@method": %s\n"@target-uri": %s' "$method" "$ZQ_URL$path")
  cover() { # NAME VALUE: a header that is sent is signed
    headers+=(--header "$1: $2")
    names+=" \"$1\""
    base+=$'\n'"\"$1\": $2"
  }
  if [ -n "$file" ]; then
    cover content-type "$type"
    cover content-digest "$digest_name=:$(openssl dgst "-$hash" -binary "$file" | openssl base64 -A):"
    arguments+=(--data-binary "@$file")
  fi
  [ -z "$key" ] || cover idempotency-key "$key"
  [ -z "${ZQ_OPERATOR:-}" ] || cover zhengqiao-operator "$ZQ_OPERATOR"
  local keyid nonce parameters
  keyid=$(openssl x509 -in "$ZQ_KEY/cert.pem" -outform DER | openssl dgst "-$hash" -binary | base64url)
  nonce=$(openssl rand 16 | base64url)
  parameters="($names);created=$(date +%s);nonce=\"$nonce\";keyid=\"$keyid\";alg=\"$alg\""
  base+=$'\n'"\"@signature-params\": $parameters"
  curl --silent --show-error --max-time 60 --request "$method" "${headers[@]}" \
    --header "signature-input: sig1=$parameters" \
    --header "signature: sig1=:$(printf '%s' "$base" | sign_raw | openssl base64 -A):" \
    "${arguments[@]}" --output "$answer" --write-out '%{http_code}' "${ZQ_CONNECT:-$ZQ_URL}$path"
}

# Repeats after a lost connection with the same idempotency key and a fresh signature, so that nothing is
# done twice. A problem answer is printed as it is: its `code` never changes, its `detail` says what to do.
zq() {
  local method=$1 path=$2 file=${3:-} type=${4:-application/json} key='' answer status attempt
  [ "$method" != POST ] || key=$(openssl rand 18 | base64url)
  answer=$(mktemp)
  for attempt in 1 2 3; do
    if status=$(zq_once "$method" "$path" "$file" "$type" "$key" "$answer"); then break; fi
    [ "$attempt" -lt 3 ] || { rm -f "$answer"; return 2; }
    sleep "$attempt"
  done
  if [ "${status:0:1}" = 2 ]; then
    cat "$answer"
    rm -f "$answer"
  else
    cat "$answer" >&2
    rm -f "$answer"
    return 1
  fi
}
