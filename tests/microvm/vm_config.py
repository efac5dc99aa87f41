# SPDX-License-Identifier: Apache-2.0
"""What of a bundle's config.json the guest is told, and how. What the guest cannot honour is an error, but for what
README.md says: seccomp, labels, hooks and the host's namespaces mean nothing where a virtual machine is the boundary."""
import json
import os
import stat

MAX_FILE = 1024 * 1024
MIB = 1024 * 1024

CAPABILITIES = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE""".split()
RLIMITS = """CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME""".split()
MOUNT_FLAGS = {"ro": 1, "nosuid": 2, "nodev": 4, "noexec": 8, "sync": 16, "noatime": 1024, "nodiratime": 2048,
               "relatime": 1 << 21, "strictatime": 1 << 24}
MOUNT_DEFAULTS = {"rw", "suid", "dev", "exec", "async", "atime", "diratime", "defaults", "private", "rprivate", "slave",
                  "rslave", "shared", "rshared", "notmpcopyup"}
MOUNT_TYPES = {"proc": "proc", "sysfs": "sysfs", "tmpfs": "tmpfs", "devpts": "devpts", "mqueue": "mqueue",
               "cgroup": "cgroup2", "cgroup2": "cgroup2"}


class RuntimeFailure(Exception):
    """What the engine and its user are told."""


def _archive_entry(name, mode, data):
    """One file of a cpio archive in the format that the kernel unpacks (newc)."""
    path = name.encode() + b"\0"
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(path), 0]
    header = b"070701" + b"".join(b"%08X" % field for field in fields) + path
    return header + bytes(-len(header) % 4) + data + bytes(-len(data) % 4)


def _sum_of_capabilities(names):
    number = 0
    for name in names or []:
        if name.removeprefix("CAP_") not in CAPABILITIES:
            raise RuntimeFailure(f"config.json: there is no capability {name}")
        number |= 1 << CAPABILITIES.index(name.removeprefix("CAP_"))
    return number


class Config:
    """The guest's configuration as records, and the files that it gets copies of."""

    def __init__(self, bundle, config):
        self.records = []
        self.files = []
        linux = config.get("linux", {})
        self.rootfs = os.path.join(bundle, config["root"]["path"])
        self.cgroup = linux.get("cgroupsPath", "")
        if self.cgroup.count(":") == 2:
            raise RuntimeFailure(f"config.json: the cgroup {self.cgroup} is one of systemd's; it knows cgroupfs")
        resources = linux.get("resources", {})
        self.memory = (resources.get("memory") or {}).get("limit") or 0
        pids = (resources.get("pids") or {}).get("limit") or 0
        self._add_process(config["process"])
        self._add("read_only_root", int(config["root"].get("readonly", False)))
        if config.get("hostname"):
            self._add("hostname", config["hostname"])
        if self.memory > 0:
            self._add("memory", self.memory)
        if pids > 0:
            self._add("pids", pids)
        for mount in config.get("mounts", []):
            self._add_mount(mount)
        for name, value in (linux.get("sysctl") or {}).items():
            self._add("sysctl", f"{name} {value}")
        for key, name in (("readonlyPaths", "read_only_path"), ("maskedPaths", "masked_path")):
            for path in linux.get(key) or []:
                self._add(name, path)
        if linux.get("devices"):
            raise RuntimeFailure(f"the device {linux['devices'][0]['path']} of the host cannot be given to the guest")

    def _add(self, key, value):
        if "\0" in str(value):
            raise RuntimeFailure(f"config.json: {key} has a zero byte")
        self.records.append(f"{key} {value}")

    def _add_process(self, process):
        if process.get("terminal"):
            raise RuntimeFailure("a terminal is not offered")
        user = process["user"]
        for key, values in (("arg", process["args"]), ("env", process.get("env") or []),
                            ("group", user.get("additionalGids") or [])):
            for value in values:
                self._add(key, value)
        self._add("uid", user["uid"])
        self._add("gid", user["gid"])
        if "umask" in user:
            self._add("umask", user["umask"])
        self._add("cwd", process["cwd"])
        self._add("no_new_privileges", int(process.get("noNewPrivileges", False)))
        for name in ("bounding", "effective", "permitted", "inheritable", "ambient"):
            self._add(name, _sum_of_capabilities((process.get("capabilities") or {}).get(name)))
        for limit in process.get("rlimits") or []:
            number = RLIMITS.index(limit["type"].removeprefix("RLIMIT_"))
            self._add("rlimit", f"{number} {limit['soft']} {limit['hard']}")

    def _add_mount(self, mount):
        where = os.path.normpath(mount["destination"])
        kind = mount.get("type", "bind")
        options = mount.get("options") or []
        if where == "/dev/shm" and kind == "bind":
            # the host's cannot be shared; one of the same size can be had
            size = os.statvfs(mount["source"])
            kind, options = "tmpfs", ["nosuid", "nodev", "noexec", "mode=1777", f"size={size.f_blocks * size.f_frsize}"]
        if kind == "bind" or "bind" in options or "rbind" in options:
            self._add_file(mount["source"], where)
            return
        if kind not in MOUNT_TYPES:
            raise RuntimeFailure(f"config.json: {where} is of the type {kind}, which the guest does not have")
        flags, data = 0, []
        for option in options:
            flags |= MOUNT_FLAGS.get(option, 0)
            if option not in MOUNT_FLAGS and option not in MOUNT_DEFAULTS:
                data.append(option)
        if any(character.isspace() for character in "".join(data)):
            raise RuntimeFailure(f"config.json: an option of {where} has a space")
        self._add("mount", f"{MOUNT_TYPES[kind]} {flags} {','.join(data) if data else '-'} {where}")

    def _add_file(self, source, where):
        info = os.stat(source)
        if not stat.S_ISREG(info.st_mode) or info.st_size > MAX_FILE:
            raise RuntimeFailure(f"{source} cannot be shared with the guest: only files up to 1 MiB are, as copies")
        with open(source, "rb") as file:
            self._add("file", f"{len(self.files)} {where}")
            self.files.append(file.read(MAX_FILE))

    def as_archive(self):
        """What the kernel unpacks over the guest's initial ramdisk."""
        text = "".join(record + "\0" for record in self.records).encode("utf-8", "surrogateescape")
        parts = [_archive_entry("config", stat.S_IFREG | 0o600, text), _archive_entry("files", stat.S_IFDIR | 0o700, b"")]
        parts += [_archive_entry(f"files/{i}", stat.S_IFREG | 0o600, data) for i, data in enumerate(self.files)]
        return b"".join(parts) + _archive_entry("TRAILER!!!", 0, b"")

    def guest_memory(self):
        """In MiB: the container's limit, and what the guest's kernel takes for itself."""
        return max(self.memory // MIB, 160) + 96


def load(bundle):
    path = os.path.join(bundle, "config.json")
    try:
        with open(path, encoding="utf-8") as file:
            return Config(bundle, json.load(file))
    except (ValueError, KeyError, TypeError) as error:
        raise RuntimeFailure(f"{path}: {type(error).__name__}: {error}") from None
