#!/bin/bash
# Runs the tests against a real cluster: API server, kubelets that really pull, the service and the prepuller as a user
# starts them. Arguments go to vitest. Needs Linux and root; where it cannot run it says why, and fails.
set -euo pipefail
cd "$(dirname "$0")/../.."
exec test/cluster/workspace.sh vitest run --config test/cluster/vitest.config.ts "$@"
