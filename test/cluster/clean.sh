#!/bin/bash
# Ends and removes everything of one run, whose directory is the argument: processes, containers, mounts, cgroups, what
# the network plugins keep. Nothing is ended gently, since all state goes too. Touches nothing of another run.
set -uo pipefail
work=${1:?the directory of a run}
case $work in /tmp/isc.*) ;; *) echo "no directory of a run: $work" >&2 && exit 2 ;; esac
[ -d "$work" ] || exit 0
shopt -s nullglob
run=${work##*.}

# What was started, each the leader of a process group, by the ids that were written down. With the kubelets and the
# containerds gone, nobody starts a container again.
for file in "$work"/pids/*; do kill -KILL -- "-${file##*/}" 2>/dev/null; done

# Containers live on without them. They are in the cgroups of this run, all of them.
mine() { find /sys/fs/cgroup -maxdepth 2 -type d -name "isc-$run-*" 2>/dev/null; }
for _ in {1..50}; do
  left=$(mine | while read -r group; do find "$group" -name cgroup.procs -exec cat {} +; done | sort -u)
  [ -n "$left" ] || break
  kill -KILL $left 2>/dev/null
  sleep 0.1
done

# So do their shims, and the sockets of these are in a directory of the whole machine.
sockets=$(cat /dev/null "$work"/*/*/run/io.containerd.runtime.v2.task/*/*/address | tr -d '\0' | sed 's,unix://,\n,g')
for file in $(grep -lsza -- "$work/" /proc/[0-9]*/cmdline); do
  process=${file%/cmdline}
  case $(cat "$process/comm" 2>/dev/null) in containerd-shim*) kill -KILL "${process#/proc/}" ;; esac
done
for socket in $sockets; do rm -f "$socket"; done

# Root file systems, secrets, network namespaces (whose ends of cables go with them): deepest first.
awk -v below="$work/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r | while read -r mount; do
  umount -l "$mount"
done
for group in $(mine); do find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null; done

# containerd 1.6 cannot be told to keep these elsewhere.
for file in /var/lib/cni/results/isc-"$run"-*; do
  container=$(sed 's/.*-\([0-9a-f]\{64\}\)-.*/\1/' <<<"$file")
  rm -f "$file" /var/lib/cni/results/cni-loopback-"$container"-*
done

rm -rf "$work"
[ ! -e "$work" ] || { echo "could not be removed: $work" >&2 && exit 1; }
