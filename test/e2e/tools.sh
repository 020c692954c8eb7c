#!/bin/bash
# Puts the programs that the end-to-end tests need beside the service into a directory outside the checkout, each version
# once, and prints that directory. Starts nothing.
set -euo pipefail
bin=${IMAGE_SOURCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/image-source}/bin
mkdir -p "$bin"

# NAME VERSION PACKAGE: the program at $bin/NAME-VERSION. Built aside and then renamed, so that a build that was cut off
# leaves nothing that looks finished; two packages here make a program of the same name, too.
tool() {
  [ ! -x "$bin/$1-$2" ] || return 0
  echo "building $1 $2 (once) ..." >&2
  local aside
  aside=$(mktemp -d "$bin/.$1.XXXXXX")
  GOBIN=$aside CGO_ENABLED=0 go install -ldflags '-s -w' "$3@$2" >&2 || { rm -rf "$aside"; return 1; }
  mv "$aside"/* "$bin/$1-$2"
  rmdir "$aside"
}
tool crane v0.22.1 github.com/google/go-containerregistry/cmd/crane
tool grpcurl v1.9.4 github.com/fullstorydev/grpcurl/cmd/grpcurl
tool distribution v3.1.2 github.com/distribution/distribution/v3/cmd/registry

command -v docker-registry >/dev/null || {
  echo "installing docker-registry (once) ..." >&2
  export DEBIAN_FRONTEND=noninteractive
  { apt-get update -qq && apt-get install -qq -y --no-install-recommends docker-registry; } >&2
}
echo "$bin"
