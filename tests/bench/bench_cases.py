# SPDX-License-Identifier: Apache-2.0
"""What is measured: one function per benchmark, each a generator of rows of the table."""
import filecmp
import json
import os
import shutil
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from bench_engines import Engine, Failure, QuickEngine, count_instructions, environment
from bench_record import Recorder, write_script
from bench_sandbox import throughput_cases
from bench_statistics import Estimate, estimate
from bench_verify import Verifier, call_cases, first_cases, kept_cases, own_cases, start_cases

ENGINES = ("docker", "podman")
WARM_UPS = 2
VERSION_RUNS = 50
MEMORY_RUNS = 5
STREAM_SIZE = 256 * 1024 * 1024
STREAM_RUNS = 3
PROFILE_RUNS = 5


@dataclass
class Row:
    name: str
    ours: str
    peer: str
    figure: Estimate | float
    unit: str  # "x" for a ratio, else the unit
    bound: float | None = None
    profile: list = field(default_factory=list)
    at_least: bool = False  # the bound is the smallest value that is good, not the largest

    def value(self):
        return self.figure.median if isinstance(self.figure, Estimate) else self.figure

    def missed(self):
        if self.bound is None:
            return False
        return self.value() < self.bound if self.at_least else self.value() > self.bound

    def close(self):
        """Whether the interval holds the bound, so that the noise of this run could turn the verdict."""
        return (self.bound is not None and isinstance(self.figure, Estimate)
                and self.figure.low <= self.bound <= self.figure.high)


class Bench:
    """The engines, started when a benchmark asks for them and kept for the next one."""

    def __init__(self, build, pairs, say):
        self.build = build
        self.pairs = pairs
        self.say = say
        self.started = {}

    def engine(self, kind, quick=False):
        if (kind, quick) not in self.started:
            self.started[kind, quick] = (QuickEngine if quick else Engine)(kind, self.build)
        return self.started[kind, quick]

    def verifier(self, version):
        if version not in self.started:
            self.started[version] = Verifier(self.build, version)
        return self.started[version]

    def stop(self):
        while self.started:
            self.started.popitem()[1].stop()

    def interleave(self, *sides, count=None, warm_ups=WARM_UPS):
        """Runs A B A B … and returns a list of samples for each side."""
        for _ in range(warm_ups):
            for side in sides:
                side()
        samples = [[] for _ in sides]
        for _ in range(count or self.pairs):
            for side, taken in zip(sides, samples):
                taken.append(side())
        return samples


def times(samples):
    return [sample["ms"] for sample in samples]


def milliseconds(samples):
    return f"{statistics.median(times(samples)):.1f} ms"


def ratio_row(name, ours, peer, bound):
    figure = estimate([a / b for a, b in zip(times(ours), times(peer))])
    return Row(name, milliseconds(ours), milliseconds(peer), figure, "x", bound)


def difference_row(name, ours, peer, bound):
    figure = estimate([a - b for a, b in zip(times(ours), times(peer))])
    return Row(name, milliseconds(ours), milliseconds(peer), figure, "ms", bound)


def cpu_profile(what, samples):
    return f"{what}: {statistics.median(sample['cpu_us'] for sample in samples) / 1000:.1f} ms of processor time"


def profile(engine, proof):
    """Where the time of a run goes, by the report that perryctl writes itself."""
    path = f"{engine.directory}/report.json"
    reports = []
    for _ in range(PROFILE_RUNS):
        engine.sample_ours(proof, before=["--report", path])
        with open(path, encoding="utf-8") as file:
            reports.append(json.load(file)["timings_ms"])
    return "timings_ms: " + ", ".join(f"{name} {statistics.median(report[name] for report in reports):.1f}"
                                      for name in reports[0])


def run_against_peer(bench, kind, proof, bound, name):
    engine = bench.engine(kind)
    ours, peer = bench.interleave(lambda: engine.sample_ours(proof), engine.sample_peer)
    row = ratio_row(name, ours, peer, bound)
    row.profile = [profile(engine, proof), cpu_profile("perryctl", ours), cpu_profile(f"{kind}'s client", peer)]
    yield row


def docker_run(bench):
    yield from run_against_peer(bench, "docker", "default", 0.90, "docker: run, against docker run")


def podman_required(bench):
    yield from run_against_peer(bench, "podman", "required", 1.05,
                                "podman: run with the look before the start, against podman run")


def podman_run(bench):
    yield from run_against_peer(bench, "podman", "default", 0.90, "podman: run without it, against podman run")


def record(engine):
    """Returns the script of the requests of one run, and the requests in words.

    perryctl keeps an engine's `info` while the engine's process lives, and does not believe a process in between: where
    it has kept one for the engine itself, the recorded request is not what a run makes.
    """
    endpoint, script = f"{engine.directory}/record.sock", f"{engine.directory}/script"
    engine.check(engine.ours("off"))
    keeps_info = any(Path(engine.directory, "perry-container").glob("*-info-*.json"))
    recorder = Recorder(endpoint, engine.socket)
    try:
        engine.check(engine.ours("off"), endpoint)
    finally:
        recorder.close()
        os.unlink(endpoint)
    requests = [request for request in recorder.requests if not (keeps_info and request[1].endswith("/info"))]
    write_script(requests, script)
    return script, [f"{method} {target.split('?')[0]}" for method, target, _ in requests]


def own_time(bench):
    for quick in (False, True):
        for kind in ENGINES:
            engine = bench.engine(kind, quick)
            script, requests = record(engine)
            ours, bare = bench.interleave(lambda: engine.sample_ours("off"), lambda: engine.sample_bare(script))
            name = f"{kind}: own time beyond the bare requests" + (", engine answers at once" if quick else "")
            row = difference_row(name, ours, bare, 5)
            row.profile = [cpu_profile("perryctl", ours), cpu_profile("bare client", bare), *requests]
            yield row


def evidence(bench):
    for kind in ENGINES:
        engine = bench.engine(kind)
        proven, believed = bench.interleave(lambda: engine.sample_ours("default"), lambda: engine.sample_ours("off"))
        row = difference_row(f"{kind}: evidence, against none", proven, believed, 6)
        row.profile = [profile(engine, proof) for proof in ("default", "off")]
        row.profile += [cpu_profile("with evidence", proven), cpu_profile("without", believed)]
        yield row


def version(bench):
    engine = bench.engine("docker", quick=True)
    ours, true = bench.interleave(lambda: engine.time([engine.perryctl, "version"], engine.environment()),
                                  lambda: engine.time(["/bin/true"], environment()), count=VERSION_RUNS)
    row = Row("perryctl version, beside true", milliseconds(ours), milliseconds(true), estimate(times(ours)), "ms", 5)
    row.profile = [cpu_profile("perryctl version", ours)]
    yield row


def sandbox_batch(bench):
    for kind in ENGINES:
        yield from throughput_cases(bench, bench.engine(kind), ratio_row)


def megabytes(samples):
    """The largest peak, in units of 1,000,000 bytes."""
    return max(sample["peak_kb"] for sample in samples) * 1024 / 1e6


def memory(bench):
    for kind in ENGINES:
        engine = bench.engine(kind)
        for proof in ("default", "required") if kind == "podman" else ("default",):
            peak = megabytes([engine.sample_ours(proof) for _ in range(MEMORY_RUNS)])
            peer = megabytes([engine.sample_peer()])
            yield Row(f"{kind}: peak memory of run, --proof {proof}", f"{peak:.1f} MB", f"{peer:.1f} MB", peak, "MB", 14)


def stream(bench):
    shared = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    for kind in ENGINES:
        engine = bench.engine(kind)
        directory = tempfile.mkdtemp(prefix="perry-bench-", dir=shared)
        try:
            yield from stream_through(bench, engine, f"{directory}/input", f"{directory}/output")
        finally:
            shutil.rmtree(directory)


def stream_through(bench, engine, given, got):
    with open(given, "wb") as file:
        for _ in range(STREAM_SIZE // 2**20):
            file.write(os.urandom(2**20))

    def through(sample, *proof):
        taken = sample(*proof, "cat", before=["-i"], input=given, output=got)
        if not filecmp.cmp(given, got, shallow=False):
            raise Failure(f"{engine.kind}: what came back from cat is not what was sent")
        return taken

    ours, peer = [], []
    for _ in range(min(bench.pairs, STREAM_RUNS)):
        ours.append(through(engine.sample_ours, "default"))
        peer.append(through(engine.sample_peer))
    rates = [f"{STREAM_SIZE / 1e3 / statistics.median(times(samples)):.0f} MB/s" for samples in (ours, peer)]
    figure = estimate([b / a for a, b in zip(times(ours), times(peer))])
    yield Row(f"{engine.kind}: 256 MiB through run -i … cat, identical", *rates, figure, "x")
    peaks = [megabytes(samples) for samples in (ours, peer)]
    yield Row(f"{engine.kind}: peak memory meanwhile", *(f"{peak:.1f} MB" for peak in peaks), peaks[0], "MB", 20)


def instructions(bench):
    if not shutil.which("valgrind"):
        bench.say("instructions: valgrind is not installed")
        return
    engine = bench.engine("docker", quick=True)
    counts = [count_instructions([engine.perryctl, "version"], engine.environment()),
              count_instructions(["/bin/true"], environment())]
    yield instructions_row("instructions of perryctl version, beside true", counts)
    for kind in ENGINES:
        engine = bench.engine(kind, quick=True)
        script, _ = record(engine)
        counts = [count_instructions(engine.ours("off"), engine.environment()),
                  count_instructions(engine.bare(script), environment())]
        yield instructions_row(f"{kind}: instructions of run, beside the bare requests", counts)


def instructions_row(name, counts):
    millions = [count / 1e6 for count in counts]
    return Row(name, *(f"{count:.1f} M" for count in millions), millions[0] / millions[1], "x")


def process_row(name, ours, peer, bound):
    row = difference_row(name, ours, peer, bound)
    row.profile = [cpu_profile(what, samples) for what, samples in (("ours", ours), ("the other", peer))
                   if "cpu_us" in samples[0]]
    return row


def verify_known(bench):
    yield from kept_cases(bench, process_row)
    yield from call_cases(bench, difference_row)


def verify_new(bench):
    yield from first_cases(bench, process_row)
    yield from own_cases(bench, process_row)


def verify_instructions(bench):
    if not shutil.which("valgrind"):
        bench.say("verify-instructions: valgrind is not installed")
        return
    verifier = bench.verifier("3.1")
    verifier.sample_new()
    known = count_instructions([verifier.perryctl, "verify", verifier.name], verifier.environment())
    verifier.forget_verdicts()
    new = count_instructions([verifier.perryctl, "verify", verifier.name], verifier.environment())
    yield instructions_row("new image: instructions of perryctl verify, cosign's not among them, beside a known one",
                           [new, known])
    for what, name in (("tag", verifier.name), ("digest", verifier.by_digest)):
        counts = [count_instructions([verifier.perryctl, *words, name], verifier.environment())
                  for words in (["verify"], ["image", "resolve"])]
        yield instructions_row(f"known image by {what}: instructions of perryctl verify, beside image resolve", counts)


def verify_starts(bench):
    yield from start_cases(bench, lambda name, count, bound: Row(name, str(count), "", float(count), "", bound))


# What a run of one group measures, and the figures in README.md that it writes.
GROUPS = {
    "engines": {
        "docker-run": docker_run,
        "podman-required": podman_required,
        "podman-run": podman_run,
        "own-time": own_time,
        "evidence": evidence,
        "version": version,
        "memory": memory,
        "stream": stream,
        "instructions": instructions,
    },
    "sandbox": {
        "sandbox-batch": sandbox_batch,
    },
    "verification": {
        "verify-known": verify_known,
        "verify-new": verify_new,
        "verify-starts": verify_starts,
        "verify-instructions": verify_instructions,
    },
}
CASES = {name: case for group in GROUPS.values() for name, case in group.items()}
