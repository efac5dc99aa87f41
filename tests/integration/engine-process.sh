# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Read by start-engine.sh and stop-engine.sh: which processes belong to the engine in a directory.

# Inside the engine's mount namespace, and nowhere else, something is mounted here; so the engine, its shims and its
# monitors can be told from every other process, also when the engine itself is dead and its id was given away.
engine_marker=.inside

# The network of a rootless engine is a process that hides all mounts from itself. It is the user's whose engine it is, and in
# the network namespace that the engine was started in.
is_sandboxed () {
  local dir=$1 pid=$2 user
  user=$(stat -c %u "$dir" 2>/dev/null) || return 1
  [ "$user" != 0 ] && [ "$(stat -c %u "/proc/$pid" 2>/dev/null)" = "$user" ] && [ -s "$dir/engine.net" ] &&
    [ "$(readlink "/proc/$pid/ns/net" 2>/dev/null)" = "$(cat "$dir/engine.net")" ]
}

# Prints the ids of the engine's processes, those of its containers included (their root is an overlay below DIR).
engine_processes () {
  local dir=$1 own pid
  own=$(readlink /proc/self/ns/mnt)
  for pid in /proc/[0-9]*; do
    pid=${pid#/proc/}
    [ "$(readlink "/proc/$pid/ns/mnt" 2>/dev/null)" != "$own" ] || continue
    if grep -qsF -e " $dir/$engine_marker " -e "upperdir=$dir/" "/proc/$pid/mountinfo" || is_sandboxed "$dir" "$pid"; then
      echo "$pid"
    fi
  done
}
