#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs a command as the user of the engine in DIR, in that engine's namespaces and environment.
set -euo pipefail
[ $# -ge 2 ] || { echo "usage: enter-engine.sh DIR COMMAND [ARGUMENT]..." >&2; exit 2; }
dir=$(readlink -m "$1")
shift
[ -e "$dir/environment" ] || { echo "enter-engine: there is no engine in $dir" >&2; exit 1; }
mapfile -t environment <"$dir/environment"
uid=$(stat -c %u "$dir")
place=$(cat "$dir/place.pid")
[ ! -e "$dir/cgroup" ] || echo $$ >"/proc/$place/root/sys/fs/cgroup/$(cat "$dir/cgroup")/cgroup.procs"
exec nsenter --target "$place" --mount --net -- setpriv --reuid "$uid" --regid "$uid" --clear-groups \
  env "${environment[@]}" "$@"
