# SPDX-License-Identifier: Apache-2.0
"""What the verification of an image costs, beside cosign itself and beside resolving a name. Real cosign, a real registry on
loopback, and signatures by a key, so that nobody else is asked."""
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench_engines import HERE, Client, Failure, environment

sys.path.insert(0, str(HERE.parent / "cosign"))
from loopback_registry import Registry  # noqa: E402
from openssl_signer import Key, bundle_for, sign_bundle, sign_legacy  # noqa: E402

VERSIONS = {"2.5": "trixie", "3.1": "sid"}
CROWD = 64
CONFIG = """[verification]
verifier=cosign
[verify bench]
pattern={registry}/**
key={key}
ignore-tlog=true
[plugin cosign]
program={program}
"""
# Notes each start and becomes cosign; the environment is noted as well, for a bare cosign to have the same.
COUNTER = """#!/bin/sh
printf '%s\\n' "$*" >>'{directory}/starts'
env -0 >'{directory}/environment'
exec '{cosign}' "$@"
"""


class Verifier(Client):
    """A registry with an image that is signed, and a perryctl that is configured for it."""

    def __init__(self, build, version):
        super().__init__(build)
        self.version = version
        self.directory = Path(tempfile.mkdtemp(prefix="perry-bench-"))
        self.registry = None
        try:
            self.cosign = self.get_cosign()
            self.registry = Registry(self.directory)
            self.key = Key(self.directory, "cosign")
            self.sign()
            self.write_counter()
            self.configure()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        if self.registry is not None:
            self.registry.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def get_cosign(self):
        place = self.build / "cosign" / self.version
        got = subprocess.run([HERE.parent / "cosign/get-cosign", VERSIONS[self.version], place], env=environment(),
                             capture_output=True, text=True)
        if got.returncode != 0:
            raise Failure(f"cosign {self.version} cannot be fetched: {got.stderr.strip()}")
        return place / "cosign"

    def sign(self):
        """In the format that this version makes itself."""
        self.digest = self.registry.push_image("app", "bench")
        if self.version == "2.5":
            sign_legacy(self.registry, "app", self.digest, self.key)
        else:
            sign_bundle(self.registry, "app", self.digest, bundle_for(self.digest, self.key))
        self.name = f"{self.registry.name}/app:1"
        self.by_digest = f"{self.registry.name}/app@{self.digest}"

    def write_counter(self):
        self.counter = self.directory / "counter"
        self.counter.write_text(COUNTER.format(directory=self.directory, cosign=self.cosign))
        self.counter.chmod(0o755)

    def configure(self, program=None):
        path = self.directory / "perry-container/perry.conf"
        path.parent.mkdir(exist_ok=True)
        path.write_text(CONFIG.format(registry=self.registry.name, key=self.key.public, program=program or self.cosign))

    def environment(self):
        home = str(self.directory)
        return environment(HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=f"{home}/cache", XDG_RUNTIME_DIR=home,
                           PERRY_PLUGIN_PATH=f"{self.build}/plugins/cosign")

    def sample(self, *words):
        return self.time([self.perryctl, *words], self.environment())

    def sample_new(self):
        """The image is not known."""
        self.forget_verdicts()
        return self.sample("verify", self.name)

    def sample_call(self):
        """The second call of a process, each of which asks anew."""
        return {"ms": self.run_clock("anew", "2", self.name) / 1000}

    def count(self, action):
        """Runs an action and returns how often cosign was started meanwhile."""
        starts = self.directory / "starts"
        starts.unlink(missing_ok=True)
        self.configure(self.counter)
        try:
            action()
        finally:
            self.configure()
        return starts.read_text().splitlines() if starts.exists() else []

    def learn_words(self):
        """The words and the environment that cosign is started with for one verification."""
        lines = self.count(self.sample_new)
        words = next(line for line in lines if not line.endswith("--help"))
        pairs = (self.directory / "environment").read_bytes().decode().split("\0")
        return words.split(" "), dict(pair.split("=", 1) for pair in pairs if pair)

    def record_answers(self, words, its_environment):
        """Makes a cosign that answers at once what this one has answered; returns it."""
        place = self.directory / "quick"
        place.mkdir()
        shutil.copy(self.build / "tests/cosign/fake-cosign", place / "cosign")
        for name, argv in (("first.stdout", words), ("help", ["verify", "--help"])):
            done = subprocess.run([self.cosign, *argv], env=its_environment, capture_output=True)
            (place / name).write_bytes(done.stdout)
        return place / "cosign"

    def run_clock(self, *words):
        argv = [str(self.build / "tests/bench/verify-clock"), *words]
        done = subprocess.run(argv, env=self.environment(), capture_output=True, text=True)
        if done.returncode != 0:
            raise Failure(f"{' '.join(argv)}: {done.stderr}")
        return json.loads(done.stdout)

    def run_crowd(self):
        """As many processes at once, of which each has to find the image verified."""
        argv = [self.perryctl, "verify", self.name]
        crowd = [subprocess.Popen(argv, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE) for _ in range(CROWD)]
        for process in crowd:
            error = process.communicate()[1].decode()
            if process.returncode != 0:
                raise Failure(f"{' '.join(argv)}: {process.returncode}\n{error}")

    def forget_verdicts(self):
        shutil.rmtree(self.directory / "cache/perry-container/verified", ignore_errors=True)

    def forget(self):
        """The flags of cosign as well."""
        shutil.rmtree(self.directory / "cache", ignore_errors=True)


def kept_cases(bench, make_row):
    """What is known, in a new process."""
    for version in VERSIONS:
        verifier = bench.verifier(version)
        verifier.sample_new()
        for what, name in (("by tag", verifier.name), ("by digest", verifier.by_digest)):
            ours, peer = bench.interleave(lambda: verifier.sample("verify", name),
                                          lambda: verifier.sample("image", "resolve", name))
            yield make_row(f"cosign {version}: known image {what}, perryctl verify, beside image resolve", ours, peer, 1)


def call_cases(bench, make_row):
    """What is known, in a process that is there."""
    for version in VERSIONS:
        verifier = bench.verifier(version)
        verifier.sample_new()
        turns = [[value / 1000 for value in turn]
                 for turn in verifier.run_clock("pairs", str(10 * bench.pairs), verifier.name, verifier.by_digest)]
        samples = [[{"ms": turn[i]} for turn in turns] for i in range(3)]
        yield make_row(f"cosign {version}: known image by tag, one call, beside resolving", samples[1], samples[0], 1)
        yield make_row(f"cosign {version}: known image by digest, one call, beside nothing", samples[2],
                       [{"ms": 0.0}] * len(turns), 1)


def first_cases(bench, make_row):
    """What is not known, beside the very cosign that perryctl starts."""
    for version in VERSIONS:
        verifier = bench.verifier(version)
        words, its_environment = verifier.learn_words()
        verifier.sample_new()
        ours, bare = bench.interleave(verifier.sample_new,
                                      lambda: verifier.time([str(verifier.cosign), *words], its_environment))
        yield make_row(f"cosign {version}: new image, perryctl verify, beside bare cosign verify", ours, bare, 10)
        ours, bare = bench.interleave(verifier.sample_call,
                                      lambda: verifier.time([str(verifier.cosign), *words], its_environment))
        yield make_row(f"cosign {version}: new image, one call, beside bare cosign verify", ours, bare, 10)


def own_cases(bench, make_row):
    """The same with a cosign that answers at once, so that what is left is ours."""
    verifier = bench.verifier("3.1")
    words, its_environment = verifier.learn_words()
    quick = verifier.record_answers(words, its_environment)
    verifier.configure(quick)
    try:
        for what, sample in (("perryctl verify", verifier.sample_new), ("one call", verifier.sample_call)):
            ours, bare = bench.interleave(sample, lambda: verifier.time([str(quick), *words], its_environment))
            yield make_row(f"new image, {what}, beside bare cosign verify, cosign answers at once", ours, bare, 10)
    finally:
        verifier.configure()


def starts_of(verifier, action, before):
    """How often cosign is started to verify, and how often to be asked for its flags."""
    before()
    lines = verifier.count(action)
    helps = sum(line.endswith("--help") for line in lines)
    return len(lines) - helps, helps


def start_cases(bench, make_row):
    """How often a cosign is started at all."""
    for version in VERSIONS:
        verifier = bench.verifier(version)
        for what, action, before, bound in (
                ("known image, perryctl verify", lambda: verifier.sample("verify", verifier.name),
                 lambda: verifier.count(verifier.sample_new), 0),
                (f"new image, {CROWD} perryctl verify at once", verifier.run_crowd, verifier.forget, 1),
                (f"new image, {CROWD} threads at once", lambda: verifier.run_clock("crowd", str(CROWD), verifier.name),
                 verifier.forget, 1)):
            starts, helps = starts_of(verifier, action, before)
            if helps > bound:
                raise Failure(f"cosign {version}: {what}: it was asked for its flags {helps} times")
            yield make_row(f"cosign {version}: {what}: cosign started", starts, bound)
