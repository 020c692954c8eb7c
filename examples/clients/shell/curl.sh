#!/bin/bash
# The menu, a choice and its pod by curl: JSON over plain HTTP, as the Connect protocol has it. Needs curl and jq.
#
#   IMAGE_SOURCE_ADDRESS=127.0.0.1:8080 ./curl.sh
set -euo pipefail
address=${IMAGE_SOURCE_ADDRESS:-127.0.0.1:8080}

# By GET, which is for methods without side effects, such as both here. Every method can be asked by POST:
#   curl --json "$2" "http://$address/imagesource.v1.ImageSourceService/$1"
call() {
  local url=http://$address/imagesource.v1.ImageSourceService/$1
  answer=$(curl --silent --show-error --fail-with-body --connect-timeout 2 --max-time 12 --get \
    --data 'connect=v1&encoding=json' --data-urlencode "message=$2" "$url" 2>/dev/null) && return

  # Details are messages in base64. The first field of an ErrorInfo is the reason.
  message=$(jq -r '.message // empty' 2>/dev/null <<<"$answer") || true
  reason=$(jq -r '.details[]? | select(.type == "google.rpc.ErrorInfo").value | @base64d
    | match("[A-Z_]{5,}").string' 2>/dev/null <<<"$answer") || true
  pause=$(jq -r '.details[]? | select(.type == "google.rpc.RetryInfo") | 2' 2>/dev/null <<<"$answer") || true
  message=${message:-no answer from $address}
  return 1
}

. "$(dirname "$0")/dialogue.sh"
