# SPDX-License-Identifier: Apache-2.0
"""Throughput of batches of sandboxes, against a client that sends the same requests with as many workers."""
import json
import os
import subprocess
import time

from bench_engines import IMAGE, LIST, Connection, Failure, environment
from bench_record import Recorder, write_script

RUNS = 200
WORKERS = 4
PAIRS = 3
PROCESS_DEADLINE_S = 600


def batch(engine, path, workers):
    return [engine.perryctl, "sandbox", "--allow-unverified", "--pull", "never", "--jobs", str(workers), "--from", path, IMAGE]


def write_requests(path, count):
    with open(path, "w", encoding="utf-8") as file:
        for number in range(count):
            file.write(json.dumps({"id": f"run {number}", "cmd": ["true"]}) + "\n")


def check_results(engine, text, count):
    """None is lost, none is there twice, each has run."""
    results = [json.loads(line) for line in text.splitlines()]
    failed = [result for result in results if result.get("exit_code") != 0]
    if failed:
        raise Failure(f"{engine.kind}: a sandbox failed: {failed[0]}")
    if sorted(result["id"] for result in results) != sorted(f"run {number}" for number in range(count)):
        raise Failure(f"{engine.kind}: {len(results)} results for {count} requests")


def check_nothing_left(engine):
    connection = Connection(engine.socket)
    connection.request("GET", LIST)
    left = json.loads(connection.getresponse().read())
    connection.close()
    if left:
        raise Failure(f"{engine.kind}: {len(left)} containers are left over")


def clock(argv, env):
    """Wall time of a command in milliseconds, and what it printed."""
    begin = time.monotonic()
    result = subprocess.run(argv, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                            timeout=PROCESS_DEADLINE_S)
    taken = (time.monotonic() - begin) * 1000
    if result.returncode != 0:
        raise Failure(f"{' '.join(argv)}: {result.returncode}\n{result.stderr}")
    return taken, result.stdout


def sample_ours(engine):
    path = f"{engine.directory}/requests.jsonl"
    write_requests(path, RUNS)
    taken, text = clock(batch(engine, path, WORKERS), engine.environment())
    check_results(engine, text, RUNS)
    check_nothing_left(engine)
    return {"ms": taken}


def sample_bare(engine, script):
    program = str(engine.build / "tests/bench/bare-client")
    name = f"bare-{time.monotonic_ns()}"
    taken, _ = clock([program, engine.socket, script, name, str(RUNS), str(WORKERS)], environment())
    check_nothing_left(engine)
    return {"ms": taken}


def record(engine):
    """Returns a script of what each sandbox but a batch's first asks for, and the requests in words."""
    endpoint, script = f"{engine.directory}/record.sock", f"{engine.directory}/script"
    path = f"{engine.directory}/requests.jsonl"
    write_requests(path, 2)
    recorder = Recorder(endpoint, engine.socket)
    try:
        _, text = clock(batch(engine, path, 1), engine.environment(endpoint))
    finally:
        recorder.close()
        os.unlink(endpoint)
    check_results(engine, text, 2)
    first = next(i for i, (method, _, _) in enumerate(recorder.requests) if method == "DELETE")
    requests = recorder.requests[first + 1:]
    write_script(requests, script)
    return script, [f"{method} {target.split('?')[0]}" for method, target, _ in requests]


def throughput_cases(bench, engine, ratio_row):
    script, requests = record(engine)
    ours, bare = bench.interleave(lambda: sample_ours(engine), lambda: sample_bare(engine, script),
                                  count=min(bench.pairs, PAIRS), warm_ups=0)
    rates = [f"{RUNS * 1000 * len(samples) / sum(sample['ms'] for sample in samples):.1f}/s" for samples in (ours, bare)]
    row = ratio_row(f"{engine.kind}: {RUNS} sandboxes with {WORKERS} workers, none lost, none left over, runs per second",
                    bare, ours, 0.90)
    row.ours, row.peer = rates
    row.at_least = True
    row.profile = requests
    yield row
