# SPDX-License-Identifier: Apache-2.0
"""The process that stands for the container on the host: boots the guest when it is told to, relays, ends as the guest's
process has ended. The virtual machine is its child and ends with it."""
import ctypes
import os
import re
import resource
import selectors
import signal
import socket
import struct
import subprocess
import sys

EXIT_BROKEN = 125
BOOT_PATIENCE = 60  # seconds until the process is executed; about two on a machine that is not busy
MAX_FRAME = 16 * 1024
# of a range that no distribution gives to anybody; with the monitor's pid nobody else has it, and no other machine
FIRST_UID = 0x40000000
PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWNET = 0x4000000, 0x8000000, 0x40000000

libc = ctypes.CDLL(None, use_errno=True)


def _tsc_khz():
    """The guest's kernel cannot measure it (there is no timer that it could trust); it is the host's."""
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        found = re.search(r"^cpu MHz\s*:\s*(\d+)", file.read(), re.MULTILINE)
    return int(found.group(1)) * 1000 if found else 2000000


def _command(memory, kernel, initrd, image, console, port):
    """Emulation, because no kernel of a distribution boots on every host's KVM; -cx16 because QEMU 7.2 emulates that wrong."""
    khz = _tsc_khz()
    return ["qemu-system-x86_64", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot",
            "-machine", "microvm,rtc=on,pit=off,pic=off", "-accel", "tcg", "-cpu", "max,-cx16", "-smp", "1", "-m", str(memory),
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-kernel", kernel, "-initrd", initrd,
            "-append", f"console=ttyS0 quiet reboot=t panic=-1 tsc_early_khz={khz} lpj={khz * 4} no_timer_check "
                       "mitigations=off",
            "-chardev", f"file,id=console,path={console}", "-serial", "chardev:console",
            "-drive", f"if=none,id=root,file={image},format=raw,readonly=on,cache=unsafe,file.locking=off",
            "-device", "virtio-blk-device,drive=root", "-device", "virtio-serial-device",
            "-chardev", f"socket,id=port,fd={port}", "-device", "virtserialport,chardev=port,name=perry"]


def _confine(uid, parent):
    """In QEMU's process before it is executed. The order matters: the signal is forgotten when the user changes."""
    if libc.unshare(CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0 or os.getppid() != parent:
        raise OSError(ctypes.get_errno(), "prctl")


class Machine:
    """The virtual machine and the port to its guest."""

    def __init__(self, guest, config):
        self.ours, theirs = socket.socketpair()
        uid = FIRST_UID + os.getpid()
        files = []
        with open("initrd.whole", "wb") as whole:
            for part in (os.path.join(guest, "initrd"), "initrd"):
                with open(part, "rb") as file:
                    whole.write(file.read())
        for path, flags in ((os.path.join(guest, "kernel"), os.O_RDONLY), ("initrd.whole", os.O_RDONLY),
                            ("root.erofs", os.O_RDONLY), ("console", os.O_WRONLY | os.O_CREAT)):
            files.append(os.open(path, flags | os.O_CLOEXEC, 0o600))
            if "/" not in path:
                os.fchown(files[-1], uid, uid)
        # it may not look into the directories, but open what it was given
        names = [f"/proc/self/fd/{file}" for file in files]
        parent = os.getpid()
        with open("qemu.log", "wb") as log:
            self.process = subprocess.Popen(_command(config.guest_memory(), *names, theirs.fileno()),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                                            pass_fds=files + [theirs.fileno()],
                                            preexec_fn=lambda: _confine(uid, parent))
        theirs.close()
        for file in files:
            os.close(file)

    def read_frame(self):
        """The next (type, data) of the guest's, or None where there will be none."""
        header = self._read(5)
        data = self._read(struct.unpack(">xI", header)[0]) if header else None
        return (header[:1], data) if data is not None else None

    def _read(self, length):
        data = b""
        while len(data) < length:
            piece = self.ours.recv(length - len(data))
            if not piece:
                return None
            data += piece
        return data

    def send(self, kind, data):
        try:
            self.ours.sendall(kind + struct.pack(">I", len(data)) + data)
        except OSError:
            pass  # it has ended, which reading will tell

    def explain_end(self):
        self.process.kill()
        self.process.wait()
        text = ""
        for name in ("qemu.log", "console"):
            with open(name, encoding="utf-8", errors="replace") as file:
                text += file.read()
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return "the virtual machine has ended: " + (" | ".join(lines[-5:]) or "it said nothing")


class Monitor:
    def __init__(self, guest, config, control):
        self.guest = guest
        self.config = config
        self.control = control
        self.machine = None
        self.input_open = False
        self.selector = selectors.DefaultSelector()
        self.selector.register(control, selectors.EVENT_READ, self.on_control)

    def run(self):
        while True:
            for key, _ in self.selector.select():
                key.data()

    def on_control(self):
        connection, _ = self.control.accept()
        with connection:
            try:
                word = connection.makefile("r").readline().split()
                if word == ["start"] and self.machine is None:
                    self.on_start(connection)
                elif word[:1] == ["signal"]:
                    self.on_signal(int(word[1]))
                    connection.sendall(b"ok\n")
            except OSError:
                pass  # who asked has not waited

    def on_signal(self, number):
        if self.machine is None:
            os._exit(128 + number)
        self.machine.send(b"S", bytes([number]))

    def on_start(self, connection):
        self.machine = Machine(self.guest, self.config)
        self.machine.ours.settimeout(BOOT_PATIENCE)
        try:
            kind, data = self.machine.read_frame() or (None, b"")
        except TimeoutError:
            kind, data = None, b""
        if kind != b"R":
            connection.sendall((data or self.machine.explain_end().encode()) + b"\n")
            os._exit(EXIT_BROKEN)
        self.machine.ours.settimeout(None)
        with open("running", "wb"):
            pass
        connection.sendall(b"ok\n")
        self.selector.register(self.machine.ours, selectors.EVENT_READ, self.on_guest)
        self.input_open = True
        self.await_input()

    def await_input(self):
        try:
            self.selector.register(0, selectors.EVENT_READ, self.on_input)
        except (OSError, ValueError):
            self.on_input()  # a file: it never makes anybody wait

    def on_input(self):
        """One piece at a time: the next one is read when the guest's process has taken it."""
        try:
            self.selector.unregister(0)
        except KeyError:
            pass
        try:
            data = os.read(0, MAX_FRAME)
        except OSError:
            data = b""
        self.input_open = data != b""
        self.machine.send(b"I", data)

    def on_guest(self):
        frame = self.machine.read_frame()
        if frame is None:
            self.write(2, f"vm-runtime: {self.machine.explain_end()}\n".encode())
            os._exit(EXIT_BROKEN)
        kind, data = frame
        if kind in (b"O", b"E"):
            self.write(1 if kind == b"O" else 2, data)
        elif kind == b"A" and self.input_open:
            self.await_input()
        elif kind == b"X":
            self.machine.process.kill()
            self.machine.process.wait()
            os._exit(data[0])

    def write(self, stream, data):
        while data:
            try:
                data = data[os.write(stream, data):]
            except OSError:
                return  # nobody reads it any more


def run(guest, config, control):
    """Never returns; ends with the exit status of the guest's process."""
    libc.prctl(PR_SET_NAME, b"vm-monitor", 0, 0, 0)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.dup2(control.fileno(), 3)
    os.closerange(4, 4096)
    with socket.socket(fileno=3) as kept:
        kept.listen()
        Monitor(guest, config, kept).run()
    sys.exit(EXIT_BROKEN)
