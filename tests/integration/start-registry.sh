#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Starts Debian's docker-registry on 127.0.0.1:PORT in the network of the engine that start-engine.sh has started in DIR,
# and fills it. Prints what it has as JSON: names and digests. stop-engine.sh ends it too; its data is in DIR.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

usage () {
  cat >&2 <<'END'
usage: start-registry.sh DIR PORT ARCHIVE [--private]

ARCHIVE: the image that perry-demo-image writes, from which those of the registry are made.
--private: it wants the user ann with the password s3cret.
END
  exit 2
}
die () { printf 'start-registry: %s\n' "$*" >&2; exit 1; }

[ $# -ge 3 ] || usage
dir=$(readlink -m "$1") port=$2 archive=$(readlink -f "$3") login=''
case ${4-} in '') ;; --private) login=ann:s3cret ;; *) usage ;; esac
program=$(command -v docker-registry) || die "docker-registry is not installed"
place=$(cat "$dir/place.pid") || die "there is no engine in $dir"

registry=$dir/registry-$port
mkdir -p "$registry"
{
  cat <<END
version: 0.1
log: {level: warn, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $registry/data}, delete: {enabled: true}}
http: {addr: "127.0.0.1:$port"}
END
  [ -z "$login" ] || echo "auth: {htpasswd: {realm: perry, path: $registry/htpasswd}}"
} >"$registry/config.yml"
# The password's hash by bcrypt, because the registry takes no other.
# shellcheck disable=SC2016 # nothing to expand
[ -z "$login" ] || echo 'ann:$2b$05$kZFBbQ4doUnaYl/J/rizm.eY7EtbARMJRiyij8hGSxNqsK1y3XK86' >"$registry/htpasswd"

# Inside the engine's mount namespace, by which stop-engine.sh knows what is its own.
setsid nsenter --target "$place" --mount --net -- "$program" serve "$registry/config.yml" >"$registry/log" 2>&1 \
  </dev/null &
nsenter --target "$place" --net -- python3 "$here/fill-registry" "$archive" "$port" "$login" || {
  tail -n 20 "$registry/log" >&2
  die "the registry could not be filled"
}
