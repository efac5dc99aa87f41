#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs PROGRAM with a private Docker and a private Podman, whose sockets stand in PERRY_TEST_DOCKER_SOCKET and
# PERRY_TEST_PODMAN_SOCKET. An engine that does not start here has none, and the program skips or fails its tests.
set -uo pipefail
here=$(dirname "$(readlink -f "$0")")
[ $# -ge 1 ] || { echo "usage: with-engines.sh PROGRAM [ARGUMENT]..." >&2; exit 2; }

docker=$(mktemp -d /tmp/perry-XXXXXX) podman=$(mktemp -d /tmp/perry-XXXXXX)
finish () {
  for dir in "$docker" "$podman"; do
    if [ -e "$dir/.perry-engine" ]; then "$here/stop-engine.sh" "$dir"; else rmdir "$dir"; fi
  done
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

# Without the engine its tests are skipped, where that is allowed.
absent () {
  [ "${PERRY_TEST_REQUIRE_ENGINES:-}" != 1 ] || { echo "Bail out! $1 does not start here"; exit 1; }
}
if "$here/start-engine.sh" docker "$docker" >/dev/null; then
  export PERRY_TEST_DOCKER_SOCKET=$docker/sock
else
  absent docker
fi
if "$here/start-engine.sh" podman "$podman" >/dev/null; then
  export PERRY_TEST_PODMAN_SOCKET=$podman/sock
else
  absent podman
fi
"$@"
