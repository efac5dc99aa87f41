# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Made from perryctl's tables by tests/test-cli-completions; PERRY_UPDATE_GOLDEN=1 writes it anew.
_perryctl_words () { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_perryctl_files () { mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames; }
_perryctl_containers () { perryctl ps --all 2>/dev/null | awk 'NR > 1 { print $1 }'; }
_perryctl_images () { perryctl images 2>/dev/null | awk 'NR > 1 { print $1 ":" $2 }'; }

_perryctl () {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
      --backend | --format) ((i++)) ;;
      -*) ;;
      *) command=${COMP_WORDS[i]}; break ;;
    esac
  done
  case $prev in
    --spec) _perryctl_files; return ;;
    --report) _perryctl_files; return ;;
    --proof) _perryctl_words "default required off"; return ;;
    --pull) _perryctl_words "missing always never"; return ;;
    --verifier) return ;;
    --platform) return ;;
    --name) return ;;
    --entrypoint) return ;;
    --env) return ;;
    --label) return ;;
    --user) return ;;
    --workdir) return ;;
    --cap-add) return ;;
    --cap-drop) return ;;
    --seccomp) return ;;
    --apparmor) return ;;
    --selinux) return ;;
    --security-opt) return ;;
    --network) return ;;
    --network-alias) return ;;
    --publish) return ;;
    --tmpfs) return ;;
    --volume) return ;;
    --device) return ;;
    --memory) return ;;
    --cpus) return ;;
    --pids-limit) return ;;
    --runtime) return ;;
    --hostname) return ;;
    --stop-signal) return ;;
    --stop-timeout) return ;;
    --group-add) return ;;
    --shm-size) return ;;
    --memory-swap) return ;;
    --ulimit) return ;;
    --sysctl) return ;;
    --add-host) return ;;
    --dns) return ;;
    --pid) return ;;
    --ipc) return ;;
    --uts) return ;;
    --userns) return ;;
    --health-cmd) return ;;
    --health-interval) return ;;
    --health-timeout) return ;;
    --health-retries) return ;;
    --health-start-period) return ;;
    --health-start-interval) return ;;
    --restart) return ;;
    --tier) return ;;
    --enforcement) return ;;
    --require) return ;;
    --prefer) return ;;
    --verify) return ;;
    --verify-identity) return ;;
    --verify-identity-regexp) return ;;
    --verify-issuer) return ;;
    --verify-issuer-regexp) return ;;
    --verify-key) _perryctl_files; return ;;
    --backend) return ;;
    --format) _perryctl_words "text json"; return ;;
    --timeout) return ;;
    --max-output) return ;;
    --from) _perryctl_files; return ;;
    --jobs) return ;;
    --skip-done) _perryctl_files; return ;;
    --time) return ;;
    --signal) return ;;
    --tail) return ;;
    --since) return ;;
    --input) _perryctl_files; return ;;
    --subnet) return ;;
    --gateway) return ;;
    --ip-range) return ;;
    --driver) return ;;
    --ipam-driver) return ;;
    --opt) return ;;
    --alias) return ;;
    --fail-above) return ;;
    --html) _perryctl_files; return ;;
  esac
  case $command in
    '')
      words="run create sandbox start stop kill rm ps inspect logs wait pull verify image load images rmi network volume plan audit backends plugins config version --backend --help --version" ;;
    run)
      words="--interactive -i --detach -d --spec --report --proof --pull --verifier --no-verify-cache --platform --name --entrypoint --env -e --label -l --user -u --workdir -w --read-only --privileged --cap-add --cap-drop --seccomp --no-new-privileges --apparmor --selinux --security-opt --network --no-network --network-alias --publish -p --tmpfs --volume -v --device --memory -m --cpus --pids-limit --init --runtime --hostname --stop-signal --stop-timeout --group-add --shm-size --memory-swap --ulimit --sysctl --add-host --dns --pid --ipc --uts --userns --health-cmd --health-interval --health-timeout --health-retries --health-start-period --health-start-interval --no-healthcheck --restart --rm --tier --enforcement --require --prefer --verify --verify-identity --verify-identity-regexp --verify-issuer --verify-issuer-regexp --verify-key --backend --format --help" ;;
    create)
      words="--spec --report --proof --pull --verifier --no-verify-cache --platform --name --entrypoint --env -e --label -l --user -u --workdir -w --read-only --privileged --cap-add --cap-drop --seccomp --no-new-privileges --apparmor --selinux --security-opt --network --no-network --network-alias --publish -p --tmpfs --volume -v --device --memory -m --cpus --pids-limit --init --runtime --hostname --stop-signal --stop-timeout --group-add --shm-size --memory-swap --ulimit --sysctl --add-host --dns --pid --ipc --uts --userns --health-cmd --health-interval --health-timeout --health-retries --health-start-period --health-start-interval --no-healthcheck --restart --rm --tier --enforcement --require --prefer --verify --verify-identity --verify-identity-regexp --verify-issuer --verify-issuer-regexp --verify-key --backend --format --help" ;;
    sandbox)
      words="--allow-unverified --timeout --max-output --raw-output --from --jobs --skip-done --interactive -i --spec --report --proof --pull --verifier --no-verify-cache --platform --name --entrypoint --env -e --label -l --user -u --workdir -w --read-only --privileged --cap-add --cap-drop --seccomp --no-new-privileges --apparmor --selinux --security-opt --network --no-network --network-alias --publish -p --tmpfs --volume -v --device --memory -m --cpus --pids-limit --init --runtime --hostname --stop-signal --stop-timeout --group-add --shm-size --memory-swap --ulimit --sysctl --add-host --dns --pid --ipc --uts --userns --health-cmd --health-interval --health-timeout --health-retries --health-start-period --health-start-interval --no-healthcheck --restart --rm --tier --enforcement --require --prefer --verify --verify-identity --verify-identity-regexp --verify-issuer --verify-issuer-regexp --verify-key --backend --help" ;;
    start)
      words="--backend --format --help" ;;
    stop)
      words="--time -t --backend --format --help" ;;
    kill)
      words="--signal -s --backend --format --help" ;;
    rm)
      words="--force -f --stale --backend --format --help" ;;
    ps)
      words="--all -a --quiet -q --mine --backend --format --help" ;;
    inspect)
      words="--backend --format --help" ;;
    logs)
      words="--follow -f --timestamps -t --tail -n --since --backend --help" ;;
    wait)
      words="--backend --format --help" ;;
    pull)
      words="--platform --quiet -q --verify --verify-identity --verify-identity-regexp --verify-issuer --verify-issuer-regexp --verify-key --verifier --no-verify-cache --backend --format --help" ;;
    verify)
      words="--verify-identity --verify-identity-regexp --verify-issuer --verify-issuer-regexp --verify-key --verifier --platform --explain --no-cache --clear-cache --format --help" ;;
    image)
      words="--platform --quiet -q --format --help" ;;
    load)
      words="--input -i --backend --format --help" ;;
    images)
      words="--backend --format --help" ;;
    rmi)
      words="--force -f --backend --format --help" ;;
    network)
      words="--internal --subnet --gateway --ip-range --ipv6 --driver -d --ipam-driver --opt -o --label -l --alias --quiet -q --backend --format --help" ;;
    volume)
      words="--driver -d --opt -o --label -l --force -f --quiet -q --backend --format --help" ;;
    plan)
      words="--spec --proof --verifier --no-verify-cache --sandbox --score --fail-above --platform --name --entrypoint --env -e --label -l --user -u --workdir -w --read-only --privileged --cap-add --cap-drop --seccomp --no-new-privileges --apparmor --selinux --security-opt --network --no-network --network-alias --publish -p --tmpfs --volume -v --device --memory -m --cpus --pids-limit --init --runtime --hostname --stop-signal --stop-timeout --group-add --shm-size --memory-swap --ulimit --sysctl --add-host --dns --pid --ipc --uts --userns --health-cmd --health-interval --health-timeout --health-retries --health-start-period --health-start-interval --no-healthcheck --restart --rm --tier --enforcement --require --prefer --verify --verify-identity --verify-identity-regexp --verify-issuer --verify-issuer-regexp --verify-key --backend --format --help" ;;
    audit)
      words="--fail-above --html --backend --format --help" ;;
    backends)
      words="--backend --format --help" ;;
    plugins)
      words="--format --help" ;;
    config)
      words="--origin --backend --format --help" ;;
    version)
      words="--format --help" ;;
  esac
  if [[ -n $command && $cur != -* ]]; then
    case $command in
      start | stop | kill | rm | inspect | logs | wait) words=$(_perryctl_containers) ;;
      run | create | sandbox | pull | rmi | plan) words=$(_perryctl_images) ;;
      load) _perryctl_files; return ;;
      image) words="resolve" ;;
      network) words="create ls inspect rm connect disconnect" ;;
      volume) words="create ls inspect rm" ;;
      config) words="show" ;;
      *) words= ;;
    esac
  fi
  _perryctl_words "$words"
}
complete -F _perryctl perryctl
