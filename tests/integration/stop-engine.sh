#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Stops the engine that start-engine.sh started in DIR with everything it runs, and removes DIR; also after a crash.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/integration/engine-process.sh
. "$here/engine-process.sh"

[ $# -eq 1 ] || { echo "usage: stop-engine.sh DIR" >&2; exit 2; }
dir=$(readlink -m "$1")
[ -e "$dir" ] || exit 0
[ -e "$dir/.perry-engine" ] || { echo "stop-engine: $dir was not made by start-engine.sh" >&2; exit 1; }

# Waits up to $1 tenths of a second until no process is left.
wait_for_end () {
  local left=$1
  while [ -n "$(engine_processes "$dir")" ]; do
    [ "$left" -gt 0 ] || return 1
    left=$((left - 1))
    sleep 0.1
  done
}

engine=$(cat "$dir/engine.pid" 2>/dev/null || true)
if [ -n "$engine" ] && engine_processes "$dir" | grep -qx "$engine"; then
  kill -TERM "$engine" 2>/dev/null || true
  # The engine itself: what it leaves behind (Podman its containers and their monitors) is not waited for.
  for _ in $(seq 100); do
    [ -n "$(engine_processes "$dir" | grep -x "$engine" || true)" ] || break
    sleep 0.1
  done
fi
# A monitor that sees its container end starts one more program, so this takes more than one round.
for _ in $(seq 20); do
  processes=$(engine_processes "$dir")
  [ -n "$processes" ] || break
  # shellcheck disable=SC2086 # one word per process
  kill -KILL $processes 2>/dev/null || true
  wait_for_end 5 || true
done
[ -z "$(engine_processes "$dir")" ] || { echo "stop-engine: processes are left in $dir" >&2; exit 1; }

# Mounts that somebody made in our own namespace, the last one first.
awk -v dir="$dir/" 'index($5, dir) == 1 { print $5 }' /proc/self/mountinfo | tac | while read -r point; do
  umount -l "$(printf '%b' "$point")"
done

# The containers' cgroups are on the host; their names are the containers' full ids.
for container in "$dir"/root/containers/* "$dir"/root/overlay-containers/*; do
  id=${container##*/}
  [ ${#id} -eq 64 ] || continue
  for group in /sys/fs/cgroup/{,*/}docker/"$id" /sys/fs/cgroup/{,*/}libpod_parent/libpod-{,conmon-}"$id"; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
done
if [ -e "$dir/cgroup" ]; then
  for group in /sys/fs/cgroup/{,unified/}"$(cat "$dir/cgroup")"; do
    [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
fi
rm -rf --one-file-system "$dir"
