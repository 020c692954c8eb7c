#!/bin/bash
# The menu, a choice and its pod by grpcurl, which learns the contract from the server. Needs grpcurl and jq.
#
#   IMAGE_SOURCE_ADDRESS=127.0.0.1:50051 ./grpcurl.sh
set -euo pipefail
address=${IMAGE_SOURCE_ADDRESS:-127.0.0.1:50051}

call() {
  local service=imagesource.v1.ImageSourceService error
  answer=$(grpcurl -plaintext -format-error -connect-timeout 1 -max-time 12 -d "$2" "$address" "$service/$1" 2>&1) && return

  error=$(jq -c . 2>/dev/null <<<"$answer") || error=$(jq -nc --arg message "$answer" '{ $message }') # not of the server
  reason=$(jq -r '.details[]? | select(.domain == "imagesource.v1").reason' <<<"$error")
  pause=$(jq -r '.details[]?.retryDelay // empty' <<<"$error")
  message=$(jq -r .message <<<"$error")
  return 1
}

. "$(dirname "$0")/dialogue.sh"
