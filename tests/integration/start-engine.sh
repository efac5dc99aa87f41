#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Starts a container engine of its own, with nothing shared with an engine that the host runs already: own network and
# mount namespace, own /run and /dev/shm, and everything else below DIR. Its socket is DIR/sock. Prints the engine's pid.
set -euo pipefail
here=$(dirname "$(readlink -f "$0")")
# shellcheck source=tests/integration/engine-process.sh
. "$here/engine-process.sh"
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

usage () {
  cat >&2 <<'END'
usage: start-engine.sh docker|podman DIR [--runtime runc|crun] [--engine-dir DIR] [--cgroup2]
                       [--rootless [--no-service]] [--data-size SIZE] [ENGINE OPTION]...

--data-size: what all of the engine's images and containers may take, in memory: for a disk that is full.
--engine-dir: where tests/engines/get-engine has unpacked the version to start, instead of the installed one.
--rootless: as an ordinary user who exists in the engine's namespaces only. enter-engine.sh runs programs there as that
  user. --no-service: nothing but the place is made; who enters starts what he needs.
--cgroup2: with cgroup version 2 in its sight, which on a host with version 1 has next to no controllers: no limits.
The options go to dockerd, or to podman before its verb `system service`. `--add-runtime NAME=PATH` works for both.
END
  exit 2
}
die () { printf 'start-engine: %s\n' "$*" >&2; exit 1; }

[ $# -ge 2 ] || usage
kind=$1 dir=$(readlink -m "$2") runtime=runc
shift 2
options=() runtimes=() engine_dir='' data_size='' rootless='' service=1 cgroup2=''
while [ $# -gt 0 ]; do
  case $1 in
    --runtime) [ $# -ge 2 ] || usage; runtime=$2; shift 2 ;;
    --engine-dir) [ $# -ge 2 ] || usage; engine_dir=$(readlink -m "$2"); shift 2 ;;
    --data-size) [ $# -ge 2 ] || usage; data_size=$2; shift 2 ;;
    --rootless) rootless=1; shift ;;
    --no-service) service=''; shift ;;
    --cgroup2) cgroup2=1; shift ;;
    --add-runtime) [ $# -ge 2 ] || usage; runtimes+=("$2"); shift 2 ;;
    --add-runtime=*) runtimes+=("${1#*=}"); shift ;;
    *) options+=("$1"); shift ;;
  esac
done
case $kind in docker) program=dockerd ;; podman) program=podman ;; *) usage ;; esac
case $runtime in runc | crun) ;; *) usage ;; esac
[ -n "$service" ] || [ "$kind$rootless" = podman1 ] || usage
if [ -n "$engine_dir" ]; then
  [ -x "$engine_dir/bin/$program" ] || die "there is no $program in $engine_dir/bin"
  PATH=$engine_dir/bin:$PATH
fi
[ "$(id -u)" -eq 0 ] || die "an engine of its own needs root"
command -v "$program" >/dev/null || die "$program is not installed"
runtime_path=$(command -v "$runtime") || die "$runtime is not installed"
# The path of a Unix socket has to stay below 108 bytes, and the engines add up to 60 of their own.
[ ${#dir} -le 48 ] || die "the path $dir is too long; take a shorter one"
case $dir/ in /run/* | /var/run/* | /dev/*) die "$dir is hidden from the engine; take one elsewhere" ;; esac
if [ -e "$dir" ] && [ ! -e "$dir/.perry-engine" ] && [ -n "$(ls -A "$dir")" ]; then
  die "$dir is not empty and not an engine's"
fi
[ -z "$(engine_processes "$dir")" ] || die "an engine runs in $dir already"

mkdir -p "$dir"
chmod 700 "$dir"
touch "$dir/.perry-engine"
rm -f "$dir/sock" "$dir/engine.pid" "$dir/place.pid" "$dir/docker.pid"
# Podman that finds itself in the root group moves all processes into a group that an ordinary user may not look into.
cgroup=''
if [ -n "$cgroup2" ]; then
  cgroup=perry-engine-${dir##*/}
  echo "$cgroup" >"$dir/cgroup"
fi
mounts='' as_user=()
if [ -n "$rootless" ]; then
  uid=$("$here/engine-user.sh" make "$dir") || die "there is no user for a rootless engine"
  [ -z "$engine_dir" ] || echo "$engine_dir" >"$dir/engine-dir"
  mounts=$here/engine-user.sh as_user=(setpriv --reuid "$uid" --regid "$uid" --clear-groups)
fi

write_docker_settings () {
  echo '{}' >"$dir/daemon.json"
}

# Prints "name=N:N", N being what the host can grant; an engine's own default can be more than that, and then fails.
grantable () {
  local name=$1 hard=$2 most=$3
  if [ "$hard" = unlimited ] || [ "$hard" -gt "$most" ]; then hard=$most; fi
  printf '"%s=%s:%s"' "$name" "$hard" "$hard"
}

# The defaults of a rootless Podman follow what its user has.
default_ulimits () {
  local pid_max
  [ -z "$rootless" ] || return 0
  pid_max=$(cat /proc/sys/kernel/pid_max)
  printf 'default_ulimits = [%s, %s]\n' "$(grantable nofile "$(ulimit -Hn)" 1048576)" \
    "$(grantable nproc "$(ulimit -Hu)" "$pid_max")"
}

# Without these Podman would take the installed version's helpers.
engine_dir_settings () {
  [ -n "$engine_dir" ] || return 0
  echo "conmon_path = [\"$engine_dir/bin/conmon\"]"
  echo "helper_binaries_dir = [\"$engine_dir/bin\"]"
  echo "init_path = \"$engine_dir/bin/catatonit\""
}

# This file replaces the distribution's, so what that one sets for security is repeated.
write_podman_settings () {
  local entry
  mkdir -p "$dir/net" "$dir/tmp"
  [ -z "$rootless" ] || printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' "$dir/root" \
    "$dir/runroot" >"$dir/storage.conf"
  # A registry that a test starts beside the engine speaks plain HTTP; Docker takes loopback for insecure by itself.
  printf '[[registry]]\nlocation = "127.0.0.1"\ninsecure = true\n' >"$dir/registries.conf"
  {
    cat <<END
[containers]
default_capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
  "SETPCAP", "SETUID", "SYS_CHROOT"]
$([ -z "$engine_dir" ] || echo "seccomp_profile = \"$engine_dir/usr/share/containers/seccomp.json\"")
default_sysctls = ["net.ipv4.ping_group_range=0 0"]
$([ -z "$cgroup2" ] || echo 'pids_limit = 0')
$(default_ulimits)

[network]
network_backend = "netavark"
network_config_dir = "$dir/net"

[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
exit_command_delay = 2
runtime = "$runtime"
tmp_dir = "$dir/tmp"
$(engine_dir_settings)

[engine.runtimes]
END
    for entry in "${runtimes[@]}" "$runtime=$runtime_path"; do
      printf '%s = ["%s"]\n' "${entry%%=*}" "${entry#*=}"
    done
  } >"$dir/containers.conf"
}

command_line=()
if [ "$kind" = docker ]; then
  write_docker_settings
  command_line=(dockerd)
  [ -z "$rootless" ] || command_line=("$engine_dir/usr/share/docker.io/contrib/dockerd-rootless.sh"
    --host "unix://$dir/docker.sock")
  command_line+=(--data-root "$dir/root" --exec-root "$dir/exec" --pidfile "$dir/docker.pid"
    --config-file "$dir/daemon.json" --host "unix://$dir/sock" --storage-driver overlay2 --shutdown-timeout 2)
  # Without systemd a rootless daemon has no cgroups to itself.
  [ -n "$rootless" ] || command_line+=(--exec-opt native.cgroupdriver=cgroupfs)
  [ "$runtime" = runc ] || command_line+=(--add-runtime "$runtime=$runtime_path" --default-runtime "$runtime")
  [ -z "$engine_dir" ] || command_line+=(--init-path "$engine_dir/bin/docker-init")
  for entry in "${runtimes[@]}"; do command_line+=(--add-runtime "$entry"); done
  command_line+=("${options[@]}")
else
  write_podman_settings
  command_line=(podman --root "$dir/root" --runroot "$dir/runroot" --tmpdir "$dir/tmp" --storage-driver overlay
    "${options[@]}" system service --time=0 "unix://$dir/sock")
  [ -n "$service" ] || command_line=(sleep infinity)
fi

# The first thread of an engine may stay in the network namespace of a container, so a process that does nothing keeps the
# engine's place for who enters it later; it is there without the engine too.
# A `unified` tree beside cgroup version 1 is taken out of the engine's sight, because crun refuses the mixture.
# shellcheck disable=SC2016 # expanded by the inner shell
inside='set -e
ip link set lo up
mount -t tmpfs -o mode=1777 shm /dev/shm
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock "$1/$2"
mount -t tmpfs -o size=4k marker "$1/$2"
if [ -n "$3" ]; then "$3" mounts "$1"; fi
if [ -n "$5" ]; then mkdir -p "$1/root" && mount -t tmpfs -o "size=$5" data "$1/root"; fi
if [ -n "$4" ]; then
  umount -R /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -m 755 "/sys/fs/cgroup/$4"
  echo $$ >"/sys/fs/cgroup/$4/cgroup.procs"
elif mountpoint -q /sys/fs/cgroup/unified; then
  umount /sys/fs/cgroup/unified
fi
readlink /proc/self/ns/net >"$1/engine.net"
sleep infinity </dev/null >/dev/null 2>&1 &
echo $! >"$1/place.pid"
echo $$ >"$1/engine.pid"
# conmon leaves a file `oom` where it was started.
cd "$1"
shift 5
exec "$@"'
environment=("HOME=$dir" "CONTAINERS_CONF=$dir/containers.conf" "PATH=$PATH")
[ "$kind" = docker ] || environment+=("CONTAINERS_REGISTRIES_CONF=$dir/registries.conf")
[ -z "$rootless" ] || environment+=("CONTAINERS_STORAGE_CONF=$dir/storage.conf" "XDG_RUNTIME_DIR=$dir")
printf '%s\n' "${environment[@]}" >"$dir/environment"
if [ -n "$rootless" ]; then
  chown -R --no-dereference "$uid:$uid" "$dir"
fi
env "${environment[@]}" setsid unshare --net --mount --propagation private \
  sh -c "$inside" start-engine "$dir" "$engine_marker" "$mounts" "$cgroup" "$data_size" "${as_user[@]}" \
  "${command_line[@]}" >"$dir/log" 2>&1 </dev/null &
starter=$!
if [ -z "$service" ]; then
  for _ in $(seq 100); do
    [ ! -e "$dir/engine.pid" ] || break
    sleep 0.05
  done
  cat "$dir/engine.pid" || { cat "$dir/log" >&2; "$here/stop-engine.sh" "$dir"; die "there is no place for a user"; }
  exit 0
fi

if ! python3 - "$dir/sock" "$starter" <<'END'
import os, socket, sys, time

path, starter = sys.argv[1], int(sys.argv[2])
deadline = time.monotonic() + 20
while time.monotonic() < deadline and os.path.exists(f"/proc/{starter}"):
    try:
        with socket.socket(socket.AF_UNIX) as engine:
            engine.settimeout(2)
            engine.connect(path)
            engine.sendall(b"GET /_ping HTTP/1.0\r\nHost: engine\r\n\r\n")
            if b" 200 " in engine.recv(64):
                sys.exit(0)
    except OSError:
        pass
    time.sleep(0.02)
sys.exit(1)
END
then
  tail -n 20 "$dir/log" >&2
  "$here/stop-engine.sh" "$dir"
  die "$kind did not answer within 20 s"
fi
cat "$dir/engine.pid"
