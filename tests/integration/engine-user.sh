#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The ordinary user of a rootless engine in DIR, who exists in the engine's mount namespace only.
set -euo pipefail
name=perry-test first_sub_id=1879048192 sub_ids=65536

usage () {
  cat >&2 <<'END'
usage: engine-user.sh make DIR      chooses the user, gives DIR to him and prints his id
       engine-user.sh mounts DIR    makes him exist in the mount and network namespace this runs in
END
  exit 2
}
die () { printf 'engine-user: %s\n' "$*" >&2; exit 1; }

make () {
  local dir=$1 last=60990 uid
  for program in newuidmap newgidmap setpriv; do
    command -v "$program" >/dev/null || die "$program is not installed (packages uidmap, util-linux)"
  done
  uid=$last
  # one that nobody has, and as whom nothing runs: two engines at once have two users
  while getent passwd "$uid" >/dev/null || getent group "$uid" >/dev/null || pgrep -U "$uid" >/dev/null; do
    uid=$((uid - 1))
  done
  mkdir -p "$dir/etc"
  { cat /etc/passwd; echo "$name:x:$uid:$uid::$dir:/bin/sh"; } >"$dir/etc/passwd"
  { cat /etc/group; echo "$name:x:$uid:"; } >"$dir/etc/group"
  echo "$name:$((first_sub_id + (last - uid) * sub_ids)):$sub_ids" | tee "$dir/etc/subuid" >"$dir/etc/subgid"
  chown -R "$uid:$uid" "$dir"
  echo "$uid"
}

# Programs below a home that is root's alone, such as a cache, are put where that home would be.
open_way_to () {
  local dir=$1 programs=$2 closed=$2
  while [ "$closed" != / ] && [ $((0$(stat -c %a "$closed") & 1)) -eq 1 ]; do closed=$(dirname "$closed"); done
  [ "$closed" != / ] || return 0
  mkdir -p "$dir/engine"
  mount --bind "$programs" "$dir/engine"
  mount -t tmpfs -o mode=755 home "$closed"
  mkdir -p "$programs"
  mount --bind "$dir/engine" "$programs"
}

# The devices are root's alone where no udev runs. A network with nobody behind it is what slirp4netns and pasta copy.
mounts () {
  local dir=$1 node
  mount -t overlay -o "lowerdir=$dir/etc:/etc" overlay /etc
  mkdir -p "$dir/dev"
  mount -t tmpfs -o mode=755 dev "$dir/dev"
  for node in /dev/fuse:229 /dev/net/tun:200; do
    [ -c "${node%:*}" ] || continue
    mknod -m 666 "$dir/dev/${node##*:}" c 10 "${node#*:}"
    mount --bind "$dir/dev/${node##*:}" "${node%:*}"
  done
  [ ! -e "$dir/engine-dir" ] || open_way_to "$dir" "$(cat "$dir/engine-dir")"
  ip link add eth0 type veth peer name peer0
  ip link set peer0 up
  ip address add 192.0.2.2/24 dev eth0
  ip link set eth0 up
  ip route add default via 192.0.2.1
}

[ $# -eq 2 ] || usage
case $1 in make | mounts) "$1" "$2" ;; *) usage ;; esac
