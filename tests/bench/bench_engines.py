# SPDX-License-Identifier: Apache-2.0
"""The engines that are measured, and the commands that are run on them."""
import http.client
import json
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SCRIPTS = HERE.parent / "integration"
# The distribution's programs, whatever else is first on the caller's PATH.
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
CLIENTS = {"docker": "/usr/bin/docker", "podman": "/usr/bin/podman"}
IMAGE = "docker.io/library/busybox:latest"
LIST = "/v1.40/containers/json?all=1"
# After a container some work is left to the engine (monitors that end); it must not fall into the next sample.
REST_S = 0.15

HARDENED = ["--rm", "--read-only", "--cap-drop", "ALL", "-u", "nobody", "-w", "/tmp", "--network", "none"]
# perryctl gives every read-only container this /tmp; the peers are asked for the same.
TMPFS = ["--tmpfs", "/tmp:rw,nosuid,nodev,exec,mode=1777,size=64m"]
PEER_EXTRA = {"docker": TMPFS, "podman": ["--read-only-tmpfs=false", *TMPFS]}


class Failure(Exception):
    """A command that was to be measured did not work."""


def environment(**more):
    return {"PATH": SYSTEM_PATH, "LC_ALL": "C.UTF-8", **more}


class Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("engine", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Client:
    """What runs commands under the stopwatch."""

    def __init__(self, build):
        self.build = Path(build).resolve()
        self.perryctl = str(self.build / "cli/perryctl")

    def time(self, argv, env, **options):
        """Runs a command and returns what the stopwatch printed, times in milliseconds."""
        command = [str(self.build / "tests/bench/stopwatch")]
        for name, value in options.items():
            command += [f"--{name.replace('_', '-')}", str(value)]
        result = subprocess.run([*command, *argv], env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        sample = json.loads(result.stdout) if result.returncode == 0 else {"status": "stopwatch failed"}
        if sample["status"] != 0:
            raise Failure(f"{' '.join(argv)}: {sample['status']}\n{result.stderr}")
        sample["ms"] = sample["gone_ns"] / 1e6
        return sample

    def plugin_path(self):
        return f"{self.build}/plugins/docker:{self.build}/plugins/podman"

    def perry_environment(self, kind, endpoint, directory):
        return environment(**{
            "HOME": directory, "XDG_RUNTIME_DIR": directory, "XDG_CONFIG_HOME": directory,
            "PERRY_PLUGIN_PATH": self.plugin_path(), "PERRY_CONTAINER_BACKEND": kind,
            "DOCKER_HOST" if kind == "docker" else "CONTAINER_HOST": f"unix://{endpoint}",
        })


class Engine(Client):
    """A private engine of the machine's Docker or Podman with the demo image."""

    def __init__(self, kind, build):
        super().__init__(build)
        self.kind = kind
        self.directory = tempfile.mkdtemp(prefix="perry-bench-")
        self.socket = f"{self.directory}/sock"
        script = [SCRIPTS / "start-engine.sh", kind, self.directory]
        result = subprocess.run(script, env=environment(), capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            shutil.rmtree(self.directory, ignore_errors=True)
            raise Failure(f"{kind} does not start: {result.stderr.strip()}")
        self.pid = result.stdout.strip()
        try:
            self.load_image()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        subprocess.run([SCRIPTS / "stop-engine.sh", self.directory], check=True)

    def load_image(self):
        archive = f"{self.directory}/image.tar"
        subprocess.run([self.build / "probe/perry-demo-image", archive], check=True, stdout=subprocess.DEVNULL)
        connection = Connection(self.socket)
        connection.request("POST", "/v1.40/images/load", Path(archive).read_bytes(),
                           {"Content-Type": "application/x-tar"})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        if response.status != 200:
            raise Failure(f"{self.kind} does not take the image: {text}")

    def environment(self, endpoint=None):
        return self.perry_environment(self.kind, endpoint or self.socket, self.directory)

    def check(self, argv, endpoint=None):
        result = subprocess.run(argv, env=self.environment(endpoint), capture_output=True, text=True,
                                stdin=subprocess.DEVNULL)
        if result.returncode != 0:
            raise Failure(f"{' '.join(argv)}: {result.returncode}\n{result.stderr}")

    def ours(self, proof, *command, before=()):
        options = [*before, *HARDENED, "--security-opt", "seccomp=default", "--proof", proof]
        return [self.perryctl, "run", *options, IMAGE, *(command or ["true"])]

    def sample_ours(self, proof, *command, before=(), **options):
        return self.sample(self.ours(proof, *command, before=before), self.environment(), **options)

    def sample_peer(self, *command, before=(), **options):
        """The engine's own client. Podman's is no client but does the work itself, so it runs where the engine does."""
        tail = ["run", *before, *HARDENED, *PEER_EXTRA[self.kind], IMAGE, *(command or ["true"])]
        if self.kind == "docker":
            argv = [CLIENTS["docker"], "--host", f"unix://{self.socket}", *tail]
            return self.sample(argv, environment(HOME=self.directory, DOCKER_CONFIG=self.directory), **options)
        data = self.directory
        argv = [CLIENTS["podman"], "--root", f"{data}/root", "--runroot", f"{data}/runroot", "--tmpdir", f"{data}/tmp",
                "--storage-driver", "overlay", *tail]
        env = environment(HOME=data, CONTAINERS_CONF=f"{data}/containers.conf")
        return self.sample(argv, env, inside=self.pid, **options)

    def sample_bare(self, script):
        name = f"bare-{time.monotonic_ns()}"
        return self.sample([str(self.build / "tests/bench/bare-client"), self.socket, script, name], environment())

    def sample(self, argv, env, **options):
        time.sleep(REST_S)
        return self.time(argv, env, until_empty=self.socket, list=LIST, **options)


class QuickEngine(Client):
    """The tests' engine in a process of its own: it answers at once, so what is measured is the client alone."""

    def __init__(self, kind, build):
        super().__init__(build)
        self.kind = kind
        self.directory = tempfile.mkdtemp(prefix="perry-bench-")
        self.server = subprocess.Popen([self.build / "tests/bench/quick-engine", kind], env=environment(),
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.socket = self.server.stdout.readline().strip()

    def stop(self):
        self.server.stdin.close()
        self.server.wait()
        shutil.rmtree(self.directory)

    def environment(self, endpoint=None):
        return self.perry_environment(self.kind, endpoint or self.socket, self.directory)

    check = Engine.check

    def ours(self, proof):
        return [self.perryctl, "run", *HARDENED, "--security-opt", "seccomp=default", "--proof", proof,
                "docker.io/library/bb:1", "true"]

    def bare(self, script):
        return [str(self.build / "tests/bench/bare-client"), self.socket, script, f"bare-{time.monotonic_ns()}"]

    def sample_ours(self, proof):
        return self.time(self.ours(proof), self.environment())

    def sample_bare(self, script):
        return self.time(self.bare(script), environment())


def count_instructions(argv, env):
    """What a command executes, libraries and loader included; the same on an idle and on a busy machine."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *argv]
    result = subprocess.run(command, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    found = re.search(r"Collected : (\d+)", result.stderr)
    if result.returncode != 0 or not found:
        raise Failure(f"{' '.join(command)}: {result.returncode}\n{result.stderr}")
    return int(found[1])
