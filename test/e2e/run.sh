#!/bin/bash
# Runs the end-to-end tests: real registries, the service as a user starts it, real clients. Arguments go to vitest.
#
# All state is below one temporary directory. The tests stop what they start; what they left because they were cut off
# is ended here, by the process ids that they wrote down.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
IMAGE_SOURCE_E2E_TOOLS=$("$root/test/e2e/tools.sh")
IMAGE_SOURCE_E2E_WORK=$(mktemp -d "${TMPDIR:-/tmp}/image-source-e2e.XXXXXX")
export IMAGE_SOURCE_E2E_TOOLS IMAGE_SOURCE_E2E_WORK PATH=$root/node_modules/.bin:$PATH

cd "$root"
vitest run --config test/e2e/vitest.config.ts "$@" & # not in the foreground, where bash would put off the traps
vitest=$!

clean() {
  kill -TERM "$vitest" 2>/dev/null && wait "$vitest" || true
  local file
  for file in "$IMAGE_SOURCE_E2E_WORK"/pids/*; do
    [ -e "$file" ] || continue
    echo "ending what was left: $(cat "$file")" >&2
    kill -KILL -- "-${file##*/}" 2>/dev/null || true # the group that the process leads
  done
  rm -rf "$IMAGE_SOURCE_E2E_WORK"
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

wait "$vitest"
