# SPDX-License-Identifier: Apache-2.0
"""The cgroup of a container on the host, in every hierarchy that is mounted: what the monitor and the virtual machine are in."""
import os
import signal
import time


def _mounts():
    with open("/proc/self/mountinfo", encoding="utf-8") as file:
        for line in file:
            fields, _, rest = line.partition(" - ")
            if rest.split()[0] in ("cgroup", "cgroup2"):
                yield fields.split()[4]


def _directories(path):
    return [os.path.join(mount, path.strip("/")) for mount in _mounts()] if path.strip("/") else []


def _inherit_cpuset(directory):
    """Version 1 takes no process into a cgroup without processors; a new one has none."""
    for name in ("cpuset.cpus", "cpuset.mems"):
        own = os.path.join(directory, name)
        if not os.path.exists(own):
            continue
        with open(own, encoding="ascii") as file:
            if file.read().strip():
                continue
        with open(os.path.join(os.path.dirname(directory), name), encoding="ascii") as file:
            value = file.read()
        with open(own, "w", encoding="ascii") as file:
            file.write(value)


def join(path, pid):
    for directory in _directories(path):
        missing = []
        while not os.path.isdir(directory):
            missing.append(directory)
            directory = os.path.dirname(directory)
        for directory in reversed(missing):
            os.mkdir(directory)
            _inherit_cpuset(directory)
    for directory in _directories(path):
        with open(os.path.join(directory, "cgroup.procs"), "w", encoding="ascii") as file:
            file.write(str(pid))


def _processes(directory):
    try:
        with open(os.path.join(directory, "cgroup.procs"), encoding="ascii") as file:
            return [int(line) for line in file]
    except OSError:
        return []


def remove(path, patience):
    """Ends what is left in the cgroup and removes it; waits up to PATIENCE seconds."""
    deadline = time.monotonic() + patience
    for directory in _directories(path):
        while os.path.isdir(directory):
            for pid in _processes(directory):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            try:
                os.rmdir(directory)
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
