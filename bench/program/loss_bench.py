#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""loss_bench: seconds for a page over a road that loses: Handfast beside nginx on the kernel's TCP.

Both servers are behind the same router, which drops the same share of the packets to and
from either, at random (tests/e2e/lossy.py). The client is the kernel each time. Runs take
turns, so that the other work of the machine meets both servers. Each run also has the
timeouts, recoveries and repeated segments of the sender of the page. The sender of an
upload is the client's kernel in both rows, and only the receiver differs.
"""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "e2e"))
import hf  # noqa: E402
import lossy  # noqa: E402
import table  # noqa: E402

LOSSES = (0, 5, 20)  # of a thousand
KINDS = ("download", "upload", "slow_reader", "coalesced")
GRO_MS = 2
SLOW_RCVBUF, SLOW_BYTES, PAUSE_S = 32 << 10, 64 << 10, 0.005
OURS = ("rto_fired", "fast_retransmits", "segments_retransmitted")
KERNELS = ("TCPTimeouts", "TCPSackRecovery", "RetransSegs")


class Rig:
    def __init__(self, options):
        self.data = lossy.content(options.kib << 10)
        self.page = lossy.page(self.data)
        commands = (*hf.SERVICES, f"set http file {self.page.__enter__()}")
        self.handfast = hf.Handfast(commands, lcores="0@%d" % min(os.sched_getaffinity(0)))
        self.road = lossy.Road()
        self.nginx = self.road.nginx()
        self.nginx.page("page", self.data)

    def end(self):
        self.nginx.end()
        self.road.close()
        self.handfast.discard()
        self.page.__exit__(None, None, None)

    def ours(self):
        counters = self.handfast.json("show lcore")["lcores"][0]["counters"]
        return [counters[name] for name in OURS]

    @staticmethod
    def kernels(namespace):
        counters = namespace.counters()
        return [counters[name] for name in KERNELS]

    # Each method returns the transfer, and the reader of the sender's counters.

    def download(self, handfast):
        if handfast:
            return (lambda: self.get(80, hf.SERVER, "/")), self.ours
        return (lambda: self.get(self.nginx.port, lossy.YARDSTICK, "/page")), lambda: self.kernels(self.road.server)

    def slow_reader(self, handfast):
        if handfast:
            return (lambda: self.get_slowly(80, hf.SERVER, "/")), self.ours
        return ((lambda: self.get_slowly(self.nginx.port, lossy.YARDSTICK, "/page")),
                lambda: self.kernels(self.road.server))

    # The receiver has GRO, which holds segments for a while. So one ACK stands for many
    # segments, and the round trip is so long that a whole window is on its way. More than
    # the veth's 256 packets overflow.
    def coalesced(self, handfast):
        self.road.coalesce(GRO_MS)
        return self.download(handfast)

    def upload(self, handfast):
        do = self.give if handfast else self.put
        return do, lambda: self.kernels(self.road.client)

    def get(self, port, address, path):
        with self.road.connect(port, address) as s:
            body, seconds = lossy.get(s, path)
        assert body == self.data, "the page is not what was sent"
        return seconds

    def get_slowly(self, port, address, path):
        with self.road.connect(port, address, rcvbuf=SLOW_RCVBUF) as s:
            body, seconds = lossy.get_slowly(s, path, SLOW_BYTES, PAUSE_S)
        assert body == self.data, "the page is not what was sent"
        return seconds

    def give(self):
        with self.road.connect(9) as s:
            return lossy.give(s, self.data)

    def put(self):
        with self.road.connect(self.nginx.port, lossy.YARDSTICK) as s:
            status, seconds = lossy.put(s, f"/put/{time.monotonic_ns()}", self.data)
        assert status == 201, status
        return seconds


class Row:
    def __init__(self, name, measured):
        self.name = name
        self.do, self.count = measured
        self.seconds, self.counts = [], [0, 0, 0]

    def once(self):
        before = self.count()
        self.seconds.append(self.do())
        self.counts = [n + now - then for n, now, then in zip(self.counts, self.count(), before)]

    def show(self):
        timeouts, recoveries, again = (n / len(self.seconds) for n in self.counts)
        table.row(self.name, self.seconds, "s")
        table.note(f"per run: timeouts {timeouts:.1f}, recoveries {recoveries:.1f}, sent again {again:.1f}")


def measure(rig, what, loss, runs):
    rig.road.lose(loss, loss)
    rows = [Row(name, getattr(rig, what)(handfast)) for name, handfast in (("Handfast", True), ("kernel", False))]
    for _ in range(runs):
        for row in rows:
            row.once()
    table.group(f"{what.replace('_', ' ')}, {loss / 10:g} % lost either way")
    for row in rows:
        row.show()


def take_options():
    parser = argparse.ArgumentParser(description="a page over a road that loses, beside the kernel's TCP")
    parser.add_argument("--runs", type=int, default=7, help="whose median is printed [7]")
    parser.add_argument("--kib", type=int, default=lossy.SIZE >> 10, help="the page's size [4096]")
    parser.add_argument("--only", choices=KINDS, help="one of the kinds [all]")
    options = parser.parse_args()
    if options.runs < 1 or options.kib < 1:
        parser.error("at least one run, of at least one KiB")
    return options


def main():
    options = take_options()
    hf.require("nft", "nginx", "ip")
    hf.enter_namespace()
    rig = Rig(options)
    try:
        table.head(f"loss_bench: {options.kib} KiB over a TAP and a router; {options.runs} runs")
        for what in (options.only,) if options.only else KINDS:
            for loss in LOSSES if what in KINDS[:2] else LOSSES[:1]:
                measure(rig, what, loss, options.runs)
    finally:
        rig.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
