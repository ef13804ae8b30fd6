#!/usr/bin/env bash
# Signs two requests with bash, openssl 3 and curl. Usage: curl.sh ORIGIN KEY_ID KEY_FILE
# KEY_FILE is an Ed25519 private key (PKCS #8 PEM), or a file with the base64 of a shared secret.
set -euo pipefail
origin=${1%/} key_id=$2 key_file=$3
authority=$(printf %s "${origin#*://}" | tr '[:upper:]' '[:lower:]')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Base64 of the signature over the file $1.
sign() {
  if grep -q 'BEGIN PRIVATE KEY' "$key_file"; then
    openssl pkeyutl -sign -rawin -inkey "$key_file" -in "$1" | openssl base64 -A
  else
    # The key is the decoded secret. openssl takes it as an argument, which other users of this machine can see.
    local hex
    hex=$(tr -d '[:space:]' <"$key_file" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \n')
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$hex" -binary "$1" | openssl base64 -A
  fi
}

# request METHOD TARGET [BODY]: TARGET is path and query as they are sent.
request() {
  local method=$1 target=$2 body=${3-}
  local components='"@method" "@authority" "@path"'
  local base="\"@method\": $method
\"@authority\": $authority
\"@path\": ${target%%\?*}"
  local send=(--request "$method")
  if [[ $target == *\?* ]]; then
    components+=' "@query"'
    base+="
\"@query\": ?${target#*\?}"
  fi
  if [[ -n $body ]]; then
    local digest
    digest="sha-256=:$(printf %s "$body" | openssl dgst -sha256 -binary | openssl base64 -A):"
    components+=' "content-type" "content-digest"'
    base+="
\"content-type\": application/json
\"content-digest\": $digest"
    send+=(--header 'Content-Type: application/json' --header "Content-Digest: $digest" --data-raw "$body")
  fi
  local created parameters
  created=$(date +%s)
  # A new nonce for every attempt, also for a retry.
  parameters="($components);created=$created;expires=$((created + 300));nonce=\"$(openssl rand -hex 16)\""
  parameters+=";keyid=\"$key_id\";tag=\"sluice\""
  # No line feed at the end: it would be signed too.
  printf %s "$base
\"@signature-params\": $parameters" >"$work/base"
  send+=(--header "Signature-Input: sig=$parameters" --header "Signature: sig=:$(sign "$work/base"):")
  local status
  status=$(curl --silent --show-error --globoff --path-as-is "${send[@]}" \
    --output "$work/answer" --write-out '%{http_code}' "$origin$target")
  echo "$method $target $status"
  cat "$work/answer"
  echo
  [[ $status == 2* ]] || failed=1
}

failed=0
request GET '/v1/products?sort=amount'
request POST /v1/prechecks \
  '{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}'
exit "$failed"
