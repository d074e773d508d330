#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""memif_bench: connections per second between two processes, with a core each, over shared memory.

Both processes run the program as it is built. One serves a page, the other loads it in a
closed loop, and a memif pair is the wire. The bench needs no root. A row's rate and the
client's cycles come from the client's report. The server's cycles come from its `show
lcore json`, taken twice within the same window.

A memif ring has up to 16,384 slots, and 65,536 connections can fill it several times over.
A frame that does not fit is dropped (tx_full) and sent again. A repeated FIN may find that
its TIME-WAIT had to make room for younger ones. It is then answered with a reset, which is
an error in the report. So an error is a failure only where the ring has room for all
connections.
"""
import argparse
import collections
import glob
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import table

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("HANDFAST", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "app", "handfast"))
DRIVERS = ("/usr/lib/*/dpdk/pmds-*/librte_net_memif.so*", "/usr/local/lib/**/dpdk/pmds-*/librte_net_memif.so*",
           "/usr/lib*/dpdk/pmds-*/librte_net_memif.so*")
SKIPPED = 77  # meson's exit code for a skipped test
PATIENCE_S = 15  # the longest wait for an answer; no figure depends on it
MARGIN_S = 0.1  # the server's counters are read within the window, not at its edges
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")

# 198.18.0.0/15 is for such tests (RFC 2544). The client's port is the gateway to its sources.
SERVER, CLIENT, SOURCES = "198.18.0.1", "198.18.0.2", "198.19.0.0-198.19.15.255"


class Failed(Exception):
    pass


class Program:
    """A process of handfast with its prompt on a pipe."""

    PROMPT = "handfast> "

    def __init__(self, name, options, cpu, role, folder):
        self.name, self.text, self.news = name, "", threading.Condition()
        self.prefix = f"handfast-memif-{os.getpid()}-{name}"
        wire = f"net_memif0,role={role},socket={folder}/wire,socket-abstract=no,rsize={options.ring},bsize=2048"
        if options.zero_copy and role == "client":
            wire += ",zero-copy=yes"
        memory = ["--in-memory"] if options.huge else ["--no-huge"]
        if options.zero_copy:
            memory.append("--single-file-segments")
        command = [PROGRAM, "--lcores", f"0@{cpu}", *memory, "-m", str(options.memory), "--no-pci",
                   "--no-telemetry", f"--file-prefix={self.prefix}", f"--vdev={wire}", "--", "-i",
                   "--max-conns", str(options.max_conns), "--pool-size", str(options.pool_size)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, env={**os.environ, "XDG_RUNTIME_DIR": folder})
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self._wait(lambda: self.PROMPT in self.text)

    def _read(self):
        while True:
            got = os.read(self.process.stdout.fileno(), 1 << 16)
            with self.news:
                self.text += ANSI.sub("", got.decode("utf-8", "replace")).replace("\r", "")
                self.news.notify_all()
            if not got:
                return

    def _wait(self, condition):
        end = time.monotonic() + PATIENCE_S
        with self.news:
            while not condition():
                if self.process.poll() is not None and not self.reader.is_alive():
                    raise Failed(f"the {self.name} ended ({self.process.returncode}):\n{self.text[-2000:]}")
                if time.monotonic() > end:
                    raise Failed(f"the {self.name} does not answer:\n{self.text[-2000:]}")
                self.news.wait(0.1)

    def command(self, line):
        """Types a line; returns the program's text up to the next prompt."""
        with self.news:
            mark = len(self.text)
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        answer = re.compile(r"\n(.*?)(?:^|(?<=\n))" + re.escape(self.PROMPT), re.S)
        self._wait(lambda: answer.search(self.text[mark:]))
        return answer.search(self.text[mark:]).group(1)

    def set_up(self, *lines):
        """Types commands that print nothing if all is well."""
        for line in lines:
            said = self.command(line)
            if "error" in said.lower() or "to fix it" in said:
                raise Failed(f"the {self.name}, to '{line}': {said}")

    def core(self):
        return json.loads(self.command("show lcore json"))["lcores"][0]

    def end(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(1)
        self.process.stdin.close()
        shutil.rmtree(os.path.join("/var/run/dpdk", self.prefix), ignore_errors=True)


def start_pair(options, scattered, folder, running):
    server = Program("server", options, options.cpus[0], "server", folder)
    running.append(server)
    client = Program("client", options, options.cpus[1], "client", folder)
    running.append(client)
    server.set_up("set http body 64", f"set port 0 ip {SERVER}/24 gateway {CLIENT}",
                  "set listen 0.0.0.0:80 http", "start")
    client.set_up(f"set port 0 ip {CLIENT}/24", f"set source {SOURCES}" + " scattered" * scattered, "start")
    return server, client


def read_report(path, client):
    """Waits for the report's file, which appears when the load is over.

    Connections that are open at the end of the load's duration have 5 seconds to end.
    """
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and client.process.poll() is None:
        try:
            with open(path, encoding="utf-8") as f:
                return json.load(f)
        except (OSError, ValueError):
            time.sleep(0.05)
    raise Failed(f"the load did not end:\n{client.text[-2000:]}")


def measure(options, conns, server, client, path):
    """Measures one run; returns the figures for a row."""
    client.set_up(f"load http://{SERVER}/ concurrency {conns} duration {options.seconds:g} "
                  f"warmup {options.warmup:g} close server json {path}")
    time.sleep(options.warmup + MARGIN_S)
    before = server.core()
    time.sleep(max(options.seconds - 2 * MARGIN_S, MARGIN_S))
    after = server.core()
    report = read_report(path, client)
    os.unlink(path)
    busy = after["busy_cycles"] - before["busy_cycles"]
    accepted = after["counters"]["conn_accepted"] - before["counters"]["conn_accepted"]
    ours = report["cores"][0]
    return {
        "cps": report["cps"] or 0,
        "client_cycles": ours["cycles_per_connection"] or 0,
        "client_busy": ours["busy_percent"] or 0,
        "server_cycles": busy / max(accepted, 1),
        "server_busy": 100 * busy / max(after["cycles"] - before["cycles"], 1),
        "p50": report["latency_us"]["whole"]["p50"],
        "p99": report["latency_us"]["whole"]["p99"],
        "errors": report["errors"]["total"],
        "kinds": {kind: n for kind, n in report["errors"].items() if n and kind != "total"},
        "sent_again": report["retransmissions"],
        "sent_again_server": after["counters"]["segments_retransmitted"] - before["counters"]["segments_retransmitted"],
        "completed": report["completed"],
    }


def print_row(conns, scattered, runs):
    def middle(key):
        return statistics.median(run[key] for run in runs)

    def total(key):
        return sum(run[key] for run in runs)
    kinds = collections.Counter()
    for run in runs:
        kinds.update(run["kinds"])
    errors = ", ".join(f"{n} {kind}" for kind, n in kinds.items()) or "none"
    table.group(f"{conns} conns, {'scattered' if scattered else 'in sequence'}")
    table.row("connections", [run["cps"] / 1e6 for run in runs], "M/s")
    table.row("client core", [run["client_cycles"] for run in runs], "cycles/connection")
    table.row("server core", [run["server_cycles"] for run in runs], "cycles/connection")
    table.note(f"busy: client core {middle('client_busy'):.0f}%, server core {middle('server_busy'):.0f}%; "
               f"p50 {middle('p50'):.0f} us, p99 {middle('p99'):.0f} us; errors: {errors}; sent again by the "
               f"client {total('sent_again')}, by the server {total('sent_again_server')}, "
               f"of {total('completed')} connections")


def measure_row(options, conns, scattered):
    running = []
    with tempfile.TemporaryDirectory(prefix="handfast-memif-") as folder:
        try:
            server, client = start_pair(options, scattered, folder, running)
            runs = [measure(options, conns, server, client, os.path.join(folder, "report.json"))
                    for _ in range(options.runs)]
        finally:
            for program in reversed(running):
                program.end()
    print_row(conns, scattered, runs)
    fits = conns <= 1 << options.ring
    return all(run["completed"] > 0 and (run["errors"] == 0 or not fits) for run in runs)


def take_options():
    parser = argparse.ArgumentParser(description="connections per second, two processes over memif")
    parser.add_argument("--seconds", type=float, default=2, help="of each run, behind its warm-up [2]")
    parser.add_argument("--warmup", type=float, default=1, help="before it [1]")
    parser.add_argument("--runs", type=int, default=3, help="whose median is printed [3]")
    parser.add_argument("--conns", type=int, help="open at the same time [256 and 65536 in turn, both ways]")
    parser.add_argument("--scattered", action="store_true", help="with --conns: addresses at random, not in sequence")
    parser.add_argument("--max-conns", type=int, default=0, help="room in either stack [1.25 times --conns]")
    parser.add_argument("--pool-size", type=int, default=65535, help="packet buffers of each [65535]")
    parser.add_argument("--ring", type=int, default=14, help="slots of a ring, as a power of two [14]")
    parser.add_argument("--memory", type=int, default=768, help="MB of each [768]")
    parser.add_argument("--zero-copy", action="store_true", help="the client's buffers are the wire")
    parser.add_argument("--huge", action="store_true", help="memory on hugepages")
    options = parser.parse_args()
    if options.runs < 1 or options.seconds < 0.5 or options.warmup < 0:
        parser.error("at least one run, of half a second")
    return options


def main():
    options = take_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("memif_bench: ended from outside"))
    options.cpus = sorted(os.sched_getaffinity(0))
    if len(options.cpus) < 2:
        print("memif_bench needs two CPUs, one for the client and one for the server")
        return SKIPPED
    if not any(glob.glob(pattern, recursive=True) for pattern in DRIVERS):
        print("memif_bench needs DPDK's net_memif (Debian: librte-net-memif23)")
        return SKIPPED
    most = options.conns or 65536
    options.max_conns = options.max_conns or most + most // 4 + 1024
    rows = [(options.conns, options.scattered)] if options.conns else [
        (conns, scattered) for conns in (256, 65536) for scattered in (False, True)]
    table.head(f"memif_bench: two processes over memif ({'zero-copy' if options.zero_copy else 'copying'}, "
               f"{1 << options.ring} slots), a core each; {options.runs} runs of {options.seconds:g} s")
    try:
        return 0 if all([measure_row(options, *row) for row in rows]) else 1
    except Failed as e:
        print(f"memif_bench: {e}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
