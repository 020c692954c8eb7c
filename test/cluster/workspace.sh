#!/bin/bash
# Runs a command that starts clusters, or parts of one: gives it the programs and a directory of its own, and whatever
# way it ends, ends and removes what it left. The command finds both by test/e2e/support/paths.ts.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
here=$root/test/cluster
IMAGE_SOURCE_E2E_TOOLS=$("$here/tools.sh")

# What a run left that was itself killed without a chance to clean up.
for left in /tmp/isc.*; do
  owner=$(cat "$left/owner" 2>/dev/null) || continue
  [ -d "/proc/$owner" ] || "$here/clean.sh" "$left" || true # it has said what is left
done

# Not below TMPDIR, which may be long: the path of a socket must have less than 108 characters.
IMAGE_SOURCE_E2E_WORK=$(mktemp -d /tmp/isc.XXXXXX)
echo $$ >"$IMAGE_SOURCE_E2E_WORK/owner"
export IMAGE_SOURCE_E2E_TOOLS IMAGE_SOURCE_E2E_WORK PATH=$root/node_modules/.bin:$PATH

cd "$root"
"$@" & # not in the foreground, where bash would put off the traps
command=$!

end() {
  kill -TERM "$command" 2>/dev/null && wait "$command" || true
  "$here/clean.sh" "$IMAGE_SOURCE_E2E_WORK"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

wait "$command"
