# SPDX-License-Identifier: BSD-3-Clause
"""Checks a capture of Handfast's port: are the packets that Handfast sent right?

tshark checks for malformed packets and checksums, and has a sequence analysis.
wirerules.py has rules that tshark does not have.
"""
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import pcapng  # noqa: E402
from pcapng import ACK, SYN  # noqa: E402
from wirerules import Accepted, Opened  # noqa: E402

BROKEN = '_ws.malformed || tcp.checksum.status == "Bad" || ip.checksum.status == "Bad" || icmp.checksum.status == "Bad"'
PROTOCOLS = ("frame", "eth", "ethertype", "arp", "ip", "icmp", "tcp")

# wirerules.py judges retransmissions: tshark cannot know when one is due.
ANALYSIS = ("lost_segment", "ack_lost_segment")
# Without loss and without slow peers, tshark must have no remark at all.
FLAWLESS = ("flags",)


def mac_of(path, addresses):
    """Handfast's MAC, from packets of one of its addresses; None: the capture has no such packet.
    The port's own address is not enough: if all connections come from other sources and the
    capture began after ARP, no packet has it."""
    ours = {bytes(map(int, address.split("."))) for address in addresses}
    for _, frame in pcapng.packets(path):
        ip = frame[12:14] == b"\x08\x00" and frame[26:30] in ours
        arp = frame[12:14] == b"\x08\x06" and frame[28:32] in ours
        if ip or arp:
            return frame[6:12].hex(":")
    return None


def only(*protocols):
    """Options that disable other protocols: tshark would guess one by a client's port."""
    run = subprocess.run(["tshark", "-G", "protocols"], capture_output=True, text=True, check=True)
    known = {line.split("\t")[2] for line in run.stdout.splitlines()}
    return [x for p in sorted(known - set(protocols)) for x in ("--disable-protocol", p)]


def tshark(path, server, analysis=ANALYSIS, sources=()):
    mac = mac_of(path, {server, *sources})
    if mac is None:
        return [f"{path}: the capture has no packet from {server}"]
    flags = [f"tcp.analysis.{a}" for a in analysis]
    wanted = f"eth.src == {mac} && ({BROKEN} || {' || '.join(flags)})"
    run = subprocess.run(
        ["tshark", "-r", path, *only(*PROTOCOLS), "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE",
         "-Y", wanted, "-T", "fields", "-E", "separator= ", "-e", "frame.number", "-e", "_ws.col.Source",
         "-e", "_ws.col.Protocol", "-e", "_ws.col.Info", "-e", "tcp.checksum.status"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if run.returncode:
        return [f"tshark: {run.stderr.strip()}"]
    return [f"tshark: frame {line}" for line in run.stdout.splitlines()]


def rules(path, server, sources=()):
    """`sources` are addresses from which Handfast opens connections, in addition to `server`."""
    wrong, before = [], {}
    clients = {server, *sources}
    for c in pcapng.connections(path):
        if c.segments[0].flags & (SYN | ACK) != SYN:
            continue
        if c.server[0] == server:
            wrong += Accepted(c).run(c.server)
        elif c.client[0] in clients:
            wrong += opened(c, before)
    return wrong


def opened(c, before):
    """`before` has the last connection between each pair of sockets."""
    one = Opened(c)
    one.run(c.client)
    flow = (c.client, c.server)
    if flow in before and before[flow].opened:
        one.check_reuse(before[flow])
    before[flow] = one
    return one.wrong


def check(path, server, sources=()):
    """A list of all errors, one line each."""
    return tshark(path, server, sources=sources) + rules(path, server, sources)


if __name__ == "__main__":
    found = check(*sys.argv[1:3], sys.argv[3:])
    print("\n".join(found))
    sys.exit(bool(found))
