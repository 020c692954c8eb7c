#!/bin/bash
# Puts what the tests against a real cluster need beside the tools of the end-to-end tests, each version once, and prints
# that directory: the parts of Kubernetes, etcd and kwok as Go programs, containerd and its like as Debian packages.
# Starts nothing. What it cannot do here it says, and fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

refuse() {
  echo "the tests against a real cluster cannot run here: $1" >&2
  exit 1
}
[ "$(uname -s)" = Linux ] || refuse "a node is a kubelet and a containerd, which need Linux, and this is $(uname -s)"
[ "$(id -u)" = 0 ] || refuse "a node needs root (mounts, cgroups, network namespaces), and this is user $(id -un)"

# PROGRAM PACKAGE: where the program is not there, the package is to be installed. Only those: an installation of what is
# there already would bring it, and what depends on it, up to date.
missing=()
needs() { command -v "$1" >/dev/null || missing+=("$2"); }
needs containerd containerd
needs runc runc
needs /usr/lib/cni/ptp containernetworking-plugins
needs openssl openssl
needs busybox busybox-static
ldd "$(command -v busybox)" >/dev/null 2>&1 && missing+=(busybox-static) # images hold nothing else, so no libraries
if [ ${#missing[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || refuse "there is no apt-get to install ${missing[*]} with"
  echo "installing ${missing[*]} (once) ..." >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2 && apt-get install -qq -y --no-install-recommends "${missing[@]}" >&2 ||
    refuse "${missing[*]} could not be installed"
fi

bin=$("$here/../e2e/tools.sh")

# Two runs at once must not both spend five minutes on this. Held until this script ends.
exec 9>"$bin/.cluster-tools.lock"
flock 9

# The version of a module in kubernetes/go.mod, which is where versions are chosen.
version() { awk -v module="$1" '$1 == module && $2 ~ /^v/ { print $2 }' "$here/kubernetes/go.mod"; }
kubernetes=$(version k8s.io/kubernetes)
etcd=$(version go.etcd.io/etcd/server/v3)
kwok=v0.8.0

# Compiling takes some 4 GB of modules and compiled packages. They are of no use afterwards, so that they go to a
# directory that is removed; one that is here already is of a build that was cut off.
scratch=$bin/.cluster-build
make_scratch() {
  [ ! -d "$scratch/out" ] || return 0
  command -v go >/dev/null || refuse "Kubernetes is built from its Go modules, and there is no go on the PATH"
  rm -rf "$scratch"
  mkdir -p "$scratch/out"
  export GOMODCACHE=$scratch/modules GOCACHE=$scratch/cache GOTMPDIR=$scratch/out
  export CGO_ENABLED=0 GOFLAGS="-trimpath -buildvcs=false -modcacherw"
  export GOGC=800 # the compiler then takes a fifth less time, for some 2 GB of memory
}
rm -rf "$scratch"
trap 'rm -rf "$scratch"' EXIT

# NAME VERSION COMMAND...: the program at $bin/NAME-VERSION, from what the command leaves in $scratch/out/NAME.
program() {
  local name=$1 version=$2 started=$SECONDS
  shift 2
  [ ! -x "$bin/$name-$version" ] || return 0
  echo "building $name $version (once) ..." >&2
  make_scratch
  (cd "$here/kubernetes" && "$@") >"$scratch/log" 2>&1 || {
    tail -n 30 "$scratch/log" >&2
    refuse "$name $version could not be built"
  }
  mv "$scratch/out/$name" "$bin/$name-$version"
  echo "built $name in $((SECONDS - started)) s" >&2
}

# Without these a node calls itself v0.0.0-master+$Format:%H$.
minor=${kubernetes#v1.}
flags="-s -w -X k8s.io/component-base/version.gitVersion=$kubernetes"
flags="$flags -X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=${minor%%.*}"
for name in kube-apiserver kube-controller-manager kubelet; do
  program $name "$kubernetes" go build -ldflags "$flags" -o "$scratch/out/$name" "k8s.io/kubernetes/cmd/$name"
done
program etcd "$etcd" go build -ldflags "-s -w" -o "$scratch/out/etcd" go.etcd.io/etcd/server/v3
program kwok "$kwok" env GOBIN="$scratch/out" go install -ldflags "-s -w" "sigs.k8s.io/kwok/cmd/kwok@$kwok"

echo "$bin"
