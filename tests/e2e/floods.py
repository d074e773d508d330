# SPDX-License-Identifier: BSD-3-Clause
"""Floods for tests: the generator, and the counters of its effects.

The sources are in a prefix that no host has (RFC 2544). Handfast's answers go
back to the kernel by the same link. The kernel has no route to the prefix, so it
drops the answers silently and counts them.
"""
import os
import re
import subprocess
import sys

import hf

FLOOD = os.environ.get("FLOOD", os.path.join(hf.ROOT, "build", "tests", "e2e", "flood"))
NOBODY = "198.18.0.0/15"
ONE, SIXTEEN = "198.18.0.1/32", "198.18.0.16/28"
CLOSED = 81


def generator():
    if not os.path.exists(FLOOD):
        sys.exit(f"{FLOOD} is not built (ninja -C build)")
    return FLOOD


def answers():
    """The number of packets that the kernel received for addresses that are not its own."""
    with open("/proc/self/net/snmp", encoding="ascii") as f:
        names, values = [line.split() for line in f if line.startswith("Ip:")]
    return int(dict(zip(names, values))["InAddrErrors"])


def lost():
    """The number of packets for Handfast that found the interface's queue full."""
    with open("/proc/self/net/dev", encoding="ascii") as f:
        line = next(x for x in f if x.strip().startswith(hf.TAP + ":"))
    return int(line.split(":")[1].split()[11])


class Flood:
    """The generator; it runs for its time, or until the test ends."""

    def __init__(self, handfast, kind, seconds=60, rate=20000, port=80, sources=NOBODY, source_port=0):
        mac = handfast.json("show port all")["ports"][0]["mac"]
        self.what = f"{kind} from {sources} to port {port}"
        self.lost, self.answers, self.sent = lost(), answers(), None
        self.process = subprocess.Popen(
            [generator(), "-k", kind, "-i", hf.TAP, "-m", mac, "-d", hf.SERVER, "-p", str(port), "-s", sources,
             "-P", str(source_port), "-r", str(rate), "-t", str(seconds)], stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *failed):
        if self.process.poll() is None:
            self.process.terminate()
        said = self.process.communicate(timeout=hf.DEADLINE)[0]
        if failed[0] is None and self.process.returncode:
            raise AssertionError(f"the generator ended with {self.process.returncode}")
        sent = re.match(r"(\d+) packets", said)
        self.sent = int(sent[1]) if sent else 0
        self.lost = lost() - self.lost
        print(f"{self.what}: {said.strip()}, {self.lost} lost; ", end="", file=sys.stderr, flush=True)

    def runs(self):
        return self.process.poll() is None

    def arrived(self):
        """A lower bound: the packets that the interface's queue had room for."""
        return self.sent - self.lost

    def answered(self):
        return answers() - self.answers


class Count:
    """The counters that have risen since the object was made."""

    def __init__(self, handfast):
        self.hf = handfast
        self.then = self._now()

    def _now(self):
        now = self.hf.drops()
        for core in self.hf.json("show lcore")["lcores"]:
            for name, n in core["counters"].items():
                now[name] = now.get(name, 0) + n
        return now

    def rose(self):
        return {name: n - self.then.get(name, 0) for name, n in self._now().items() if n != self.then.get(name, 0)}

    def of(self, *names):
        rose = self.rose()
        return sum(rose.get(name, 0) for name in names)
