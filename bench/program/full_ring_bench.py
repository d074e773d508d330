#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""full_ring_bench: losses and times of pages of 20 KB over a ring that holds few packets.

Two processes with a core each are joined by memif. The server's page has 14 segments, and
40 connections ask for it again and again over a ring of 64 slots, so that the server finds
the ring full all the time. With --before PROGRAM another build serves in turn, in the same
run. The client is always the same.
"""
import argparse
import glob
import json
import os
import statistics
import sys
import tempfile
import time

import memif_bench as memif
import table


def start_pair(options, program, folder, running):
    memif.PROGRAM = program
    server = memif.Program("server", options, options.cpus[0], "server", folder)
    running.append(server)
    memif.PROGRAM = options.program
    client = memif.Program("client", options, options.cpus[1], "client", folder)
    running.append(client)
    server.set_up(f"set http body {options.page}", f"set port 0 ip {memif.SERVER}/24 gateway {memif.CLIENT}",
                  "set listen 0.0.0.0:80 http", "start")
    client.set_up(f"set port 0 ip {memif.CLIENT}/24", "start")
    return server, client


def measure(options, program):
    running = []
    with tempfile.TemporaryDirectory(prefix="handfast-memif-") as folder:
        path = os.path.join(folder, "report.json")
        try:
            server, client = start_pair(options, program, folder, running)
            client.set_up(f"load http://{memif.SERVER}/ concurrency {options.conns} duration {options.seconds:g} "
                          f"requests-per-connection {options.requests} warmup 1 json {path}")
            time.sleep(1 + options.seconds)
            report = memif.read_report(path, client)
            count = server.core()["counters"]
            drops = {d["reason"]: d["packets"] for d in json.loads(server.command("show drops json"))["drops"]}
        finally:
            for one in reversed(running):
                one.end()
    latency = report["latency_us"]["request"]
    return {"requests": report["completed"] * options.requests, "lost": drops.get("tx_full", 0),
            "waited": count.get("tx_waited", 0), "again": count["segments_retransmitted"], "rto": count["rto_fired"],
            "p50": latency["p50"], "p99": latency["p99"], "max": latency["max"]}


def print_row(name, runs):
    def middle(key):
        return statistics.median(run[key] for run in runs)
    table.group(name)
    for what, key, scale, unit in (("pages", "requests", 1, "pages"),
                                   ("half of the pages took less than", "p50", 1e-3, "ms"),
                                   ("99 % of the pages took less than", "p99", 1e-3, "ms"),
                                   ("the longest took", "max", 1e-3, "ms")):
        table.row(what, [run[key] * scale for run in runs], unit)
    table.note(f"{middle('lost'):,.0f} frames lost by the ring, {middle('waited'):,.0f} waited; "
               f"{middle('again'):,.0f} segments sent again, {middle('rto'):,.0f} timeouts")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--before", help="another build's program, to compare with")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--conns", type=int, default=40)
    parser.add_argument("--page", type=int, default=20000)
    parser.add_argument("--requests", type=int, default=50, help="on each connection")
    parser.add_argument("--ring", type=int, default=6, help="slots, as a power of two")
    options = parser.parse_args()
    options.cpus = sorted(os.sched_getaffinity(0))
    options.program = memif.PROGRAM
    options.max_conns, options.pool_size, options.memory = 4096, 16383, 256
    options.zero_copy = options.huge = False
    if len(options.cpus) < 2 or not any(glob.glob(p, recursive=True) for p in memif.DRIVERS):
        print("full_ring_bench needs two CPUs and DPDK's net_memif")
        return memif.SKIPPED
    programs = {"now": options.program}
    if options.before:
        programs = {"before": options.before, **programs}
    table.head(f"full_ring_bench: {options.conns} connections, pages of {options.page} bytes, a ring of "
               f"{1 << options.ring} slots; {options.runs} runs of {options.seconds:g} s")
    runs = {name: [] for name in programs}
    try:
        for _ in range(options.runs):
            for name, program in programs.items():
                runs[name].append(measure(options, program))
    except memif.Failed as e:
        print(f"full_ring_bench: {e}", file=sys.stderr)
        return 1
    for name in programs:
        print_row(name, runs[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
