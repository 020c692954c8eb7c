#!/bin/bash
# Makes the example clients ready to run, by the commands that docs/clients.md gives their users, in a directory outside
# the checkout: once for each state of the files that they are made of. Prints `NAME=PATH` of each. Starts nothing.
set -euo pipefail
shopt -s inherit_errexit
root=$(cd "$(dirname "$0")/../../.." && pwd)
here=$root/test/e2e/clients
cache=${IMAGE_SOURCE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/image-source}/clients
mkdir -p "$cache"
cd "$root"

# PACKAGE COMMAND...: installs a package of Debian, where the command does not end well without it.
debian() {
  local package=$1
  shift
  ! "$@" >/dev/null 2>&1 || return 0
  echo "installing $package (once) ..." >&2
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package"; } >&2
}

# NAME FUNCTION FILE...: runs the function in a directory, which it then prints; nothing where that was done before for
# these files. What was cut off is made anew, and what nobody needs any more is removed.
made() {
  local name=$1 function=$2 key directory
  shift 2
  key=$({ cat "$here/set-up.sh" "$@" && python3 --version && go version; } | sha256sum | cut -c1-16)
  directory=$cache/$name-$key
  if [ ! -e "$directory/.made" ]; then
    echo "making $name for the client tests (once) ..." >&2
    find "$cache" -maxdepth 1 -name "$name-*" -mtime +2 -exec rm -rf {} +
    rm -rf "$directory" && mkdir "$directory"
    (cd "$directory"; "$function") >&2
    touch "$directory/.made"
  fi
  echo "$name=$directory"
}

go_client() {
  mkdir -p examples/clients
  cp -r "$root/proto" .
  cp -r "$root/examples/clients/go" examples/clients
  cd examples/clients/go
  go generate && CGO_ENABLED=0 go build
}

hub() {
  python3 -m venv .
  bin/pip install --quiet --disable-pip-version-check \
    -r "$root/examples/clients/python/requirements.txt" -r "$here/requirements.txt"
}

python_client() {
  cp "$root"/examples/clients/python/*.py "$here/hub.py" .
  "$hub/bin/python" -m grpc_tools.protoc -I "$root/proto" \
    --python_out . --pyi_out . --grpc_python_out . imagesource/v1/image.proto imagesource/v1/image_source_service.proto
}

mapfile -t contract < <(find proto -name '*.proto' | sort)
debian jq jq --version
debian curl curl --version
debian python3-venv python3 -c 'import ensurepip'
made go go_client "${contract[@]}" examples/clients/go/*.*
hub=$(made hub hub examples/clients/python/requirements.txt "$here/requirements.txt")
echo "$hub"
hub=${hub#*=}
made python python_client "${contract[@]}" examples/clients/python/*.py "$here/hub.py"
