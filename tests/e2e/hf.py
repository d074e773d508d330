# SPDX-License-Identifier: BSD-3-Clause
"""The common part of the end-to-end tests: a network namespace, the program in
it, its prompt, and the checks at its end.

enter_namespace() moves the test process into a namespace without a name. All its
children inherit the namespace, and the kernel removes it with the last of them.

Environment: HANDFAST  the program (default: build/app/handfast)
             HF_KEEP   a folder that keeps the captures and logs
"""
import ctypes
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import wirecheck

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PROGRAM = os.environ.get("HANDFAST", os.path.join(ROOT, "build", "app", "handfast"))

SERVER, CLIENT, NETWORK = "192.0.2.2", "192.0.2.1", 24
TAP = "hf0"
SKIPPED = 77  # meson's exit code for a skipped test
DEADLINE = int(os.environ.get("HF_DEADLINE", 60))  # the limit of each wait; no test judges speed

CLONE_NEWNET = 0x40000000
CPUS = sorted(os.sched_getaffinity(0))
libc = ctypes.CDLL(None, use_errno=True)


def skip(why):
    print(f"skipped: {why}", file=sys.stderr)
    sys.exit(SKIPPED)


def require(*programs):
    for name in programs:
        if shutil.which(name) is None:
            skip(f"{name} is not installed (./setup.sh test installs it)")


def take_cpu():
    """A CPU that no other topic polls on, or the first one if there is none. The kernel frees the
    name of an abstract socket when its process ends, however it ends."""
    for cpu in CPUS:
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0handfast-e2e-cpu-{cpu}")
        except OSError:
            name.close()
            continue
        return cpu, name
    return CPUS[0], None


# Before enter_namespace(): a namespace has abstract names of its own.
CPU, CPU_NAME = take_cpu()


def enter_namespace():
    if os.geteuid() != 0:
        skip("needs root, to make a network namespace and a TAP device")
    if not os.path.exists("/dev/net/tun"):
        skip("/dev/net/tun does not exist (modprobe tun)")
    if not os.path.exists(PROGRAM):
        sys.exit(f"{PROGRAM} is not built (ninja -C build)")
    if libc.unshare(CLONE_NEWNET):
        skip(f"the kernel refuses a network namespace: {os.strerror(ctypes.get_errno())}")
    run("ip", "link", "set", "lo", "up")
    sysctl("net.ipv6.conf.default.disable_ipv6", 1)


def sysctl(name, value):
    path = "/proc/sys/" + name.replace(".", "/")
    if os.path.exists(path):
        with open(path, "w", encoding="ascii") as f:
            f.write(str(value))


def run(*command, check=True, timeout=DEADLINE, **kw):
    kw.setdefault("stdin", subprocess.DEVNULL)
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run(command, timeout=timeout, text=True, **kw)
    if check and done.returncode:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done


def wait_for(condition, what, deadline=DEADLINE):
    """Poll until the condition holds, and return its value."""
    end = time.monotonic() + deadline
    while True:
        got = condition()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"after {deadline} s still not: {what}")
        time.sleep(0.02)


def eal(lcores="0", queues=None, memory=512, tap=TAP, more=()):
    """EAL's options for a TAP device without hugepages. A program of one core polls on this
    topic's CPU."""
    if lcores == "0":
        lcores = f"0@{CPU}"
    vdev = f"net_tap0,iface={tap}"
    return ["--lcores", lcores, "--no-huge", "-m", str(memory), "--no-pci",
            f"--file-prefix=hf-{os.getpid()}", f"--vdev={vdev}", "--no-telemetry", *more]


SERVICES = (
    "set listen 0.0.0.0:80 http",
    "set listen 0.0.0.0:7 echo",
    "set listen 0.0.0.0:9 discard",
    "set listen 0.0.0.0:13 daytime",
    "set listen 0.0.0.0:19 chargen",
)
ADDRESS = f"set port 0 ip {SERVER}/{NETWORK} gateway {CLIENT}"

REFUSED = re.compile(r"^stdin:\d+: ", re.M)
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")


class Handfast:
    """The program with its prompt on a pipe."""

    PROMPT = "handfast> "
    STASH = 32  # STACK_STASH

    def __init__(self, commands=(), interactive=True, start=True, arguments=(), **options):
        self.dir = tempfile.mkdtemp(prefix="hf-e2e-")
        self.capture = None
        self.text = ""
        self.refused = False  # True once a command has failed
        self.news = threading.Condition()
        self.file = os.path.join(self.dir, "commands")
        with open(self.file, "w", encoding="ascii") as f:
            f.write("\n".join([ADDRESS, *commands]) + "\n")
        command = [PROGRAM, *eal(**options), "--", "--cmdline-file", self.file]
        command += ["-i"] * interactive + ["--auto-start"] * start + [*arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self._wait_text(lambda: self.PROMPT in self.text if interactive else self._tap_exists())
        run("ip", "addr", "add", f"{CLIENT}/{NETWORK}", "dev", TAP)
        # With a queue of this length the wire loses nothing, so each retransmission is an error.
        run("ip", "link", "set", TAP, "txqueuelen", "20000", "up")

    @staticmethod
    def _tap_exists():
        return os.path.exists(f"/proc/sys/net/ipv4/conf/{TAP}")

    def _read(self):
        while True:
            got = os.read(self.process.stdout.fileno(), 1 << 16)
            with self.news:
                self.text += got.decode("utf-8", "replace")
                self.news.notify_all()
            if not got:
                return

    def _wait_text(self, condition, deadline=DEADLINE):
        end = time.monotonic() + deadline
        with self.news:
            while not condition():
                if self.process.poll() is not None and not self.reader.is_alive():
                    raise AssertionError(f"the program ended ({self.process.returncode}):\n{self.text[-3000:]}")
                if time.monotonic() > end:
                    raise AssertionError(f"no answer within {deadline} s:\n{self.text[-3000:]}")
                self.news.wait(0.1)

    def command(self, line):
        """Run a command, and return its output."""
        with self.news:
            mark = len(self.text)
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()
        # The echo ends with a newline; the answer ends with the next prompt. A running load
        # may print a line before the echo.
        answer = re.compile(r"\n(.*?)(?:^|(?<=\n))" + re.escape(self.PROMPT), re.S)

        def match():
            text = ANSI.sub("", self.text[mark:]).replace("\r", "")
            return answer.search(text, max(text.find(line), 0))
        self._wait_text(match)
        self.refused |= bool(REFUSED.search(match().group(1)))
        return match().group(1)

    def codes(self, otherwise=0):
        """The exit codes that are right: on a pipe, failed commands set the exit code."""
        return (2, 3) if self.refused else (otherwise,)

    def json(self, line):
        text = self.command(line + " json")
        try:
            return json.loads(text)
        except ValueError:
            raise AssertionError(f"{line} json did not print one JSON document:\n{text}") from None

    # The program's counters. Only this part of the tests knows the names of their fields.

    def connections(self, state=None):
        line = "show connections" + (f" state {state}" if state else "") + " limit 1"
        return self.json(line)["total"]

    def lcore_sum(self, field):
        return sum(core[field] for core in self.json("show lcore")["lcores"])

    def counter(self, name):
        return sum(core["counters"][name] for core in self.json("show lcore")["lcores"])

    def drops(self):
        return {d["reason"]: d["packets"] for d in self.json("show drops")["drops"]}

    def usage(self):
        """The resources in use. At the end they must be as at the start."""
        return {name: self.lcore_sum(name) for name in (
            "conns", "half_open", "timers", "kept", "send_queued", "reasm_queued", "mbufs_in_use")}

    def clean(self, start):
        """Is the usage as at the start?

        A worker takes STASH buffers for its next answers whenever it has none, so
        the number of buffers in use is rounded up to a multiple of STASH.
        """
        now = self.usage()
        most = -(-start["mbufs_in_use"] // self.STASH) * self.STASH
        return now["mbufs_in_use"] <= most and {**now, "mbufs_in_use": 0} == {**start, "mbufs_in_use": 0}

    def wait_idle(self):
        """Wait until all connections are in TIME-WAIT."""
        def idle():
            return self.connections() == self.connections("TIME-WAIT")
        wait_for(idle, "all connections are in TIME-WAIT")

    def capture_start(self, name="wire.pcapng"):
        self.capture = os.path.join(self.dir, name)
        self.command(f"capture start {self.capture}")

    def capture_stop(self):
        if self.capture:
            said = self.command("capture stop")
            path, self.capture = self.capture, None
            # A failed write ends the capture, with a message.
            if not said.startswith("capture: ") or "were lost" in said or "end is missing" in self.text:
                raise AssertionError(f"the capture is not whole: {said}")
            return path
        return None

    def signal(self, number):
        self.process.send_signal(number)

    def wait_end(self):
        """Wait for the end, and return (exit code, output)."""
        code = self.process.wait(DEADLINE)
        self.reader.join(DEADLINE)
        self.process.stdin.close()
        self.process.stdout.close()
        shutil.rmtree(f"/var/run/dpdk/hf-{os.getpid()}", ignore_errors=True)
        return code, ANSI.sub("", self.text).replace("\r", "")

    def quit(self):
        self.process.stdin.write(b"quit\n")
        self.process.stdin.flush()
        return self.wait_end()

    def discard(self):
        """Remove the process and its files, whatever happened before."""
        if self.process.poll() is None:
            self.process.kill()
            self.wait_end()
        keep = os.environ.get("HF_KEEP")
        if keep:
            shutil.copytree(self.dir, os.path.join(keep, os.path.basename(self.dir)), dirs_exist_ok=True)
            with open(os.path.join(keep, os.path.basename(self.dir), "log"), "w", encoding="utf-8") as f:
                f.write(self.text)
        if self.process.stdin:
            self.process.stdin.close()
            self.process.stdout.close()
        shutil.rmtree(self.dir, ignore_errors=True)


class Case(unittest.TestCase):
    """Tests that share one running program.

    After the last test, the program holds no resources, and all packets in the
    capture were right.
    """

    commands = SERVICES
    options = {}
    sources = ()  # addresses that connect, in addition to SERVER
    capture = True
    exit_code = 0
    longMessage = True

    @classmethod
    def setUpClass(cls):
        cls.hf = Handfast(cls.commands, **cls.options)
        cls.addClassCleanup(cls.hf.discard)
        cls.at_start = cls.hf.usage()
        if cls.capture:
            cls.hf.capture_start()

    @classmethod
    def tearDownClass(cls):
        hf = cls.hf
        hf.wait_idle()
        path = hf.capture_stop()
        try:
            wait_for(lambda: hf.clean(cls.at_start), "as at the start", 20)
        except AssertionError:
            raise AssertionError(f"left over: {hf.usage()}, at the start {cls.at_start}") from None
        code, text = hf.quit()
        if code not in hf.codes(cls.exit_code):
            raise AssertionError(f"quit: exit code {code}\n{text[-2000:]}")
        if path:
            wrong = wirecheck.check(path, SERVER, cls.sources)
            if wrong:
                raise AssertionError(f"{len(wrong)} things wrong on the wire:\n" + "\n".join(wrong[:30]))


def connect(port, source=None, **options):
    """A TCP socket connected to the server, with a timeout."""
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.settimeout(DEADLINE)
    if "rcvbuf" in options:  # set before connect(), because it decides the window scale
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, options["rcvbuf"])
    if source:
        s.bind((source, 0))
    try:
        s.connect((SERVER, port))
    except OSError:
        s.close()
        raise
    return s


def read_all(s):
    parts = []
    while True:
        got = s.recv(1 << 16)
        if not got:
            return b"".join(parts)
        parts.append(got)


def read_exactly(s, n):
    parts = bytearray()
    while len(parts) < n:
        got = s.recv(n - len(parts))
        if not got:
            raise AssertionError(f"closed after {len(parts)} of {n} bytes")
        parts += got
    return bytes(parts)


def reset(s):
    """Close with RST instead of FIN."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    s.close()


class Response:
    """An HTTP response, read from a socket to its last byte."""

    def __init__(self, s, head_only=False):
        head = bytearray()
        while not head.endswith(b"\r\n\r\n"):
            got = s.recv(1)
            if not got:
                raise AssertionError(f"closed within the head: {bytes(head)!r}")
            head += got
        lines = head.decode("latin-1").split("\r\n")
        self.line = lines[0]
        self.status = int(lines[0].split()[1])
        self.fields = {k.lower(): v.strip() for k, v in (x.split(":", 1) for x in lines[1:] if x)}
        self.length = int(self.fields.get("content-length", 0))
        self.body = b"" if head_only else read_exactly(s, self.length)


def more_files(n):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < n:
        resource.setrlimit(resource.RLIMIT_NOFILE, (n, max(hard, n)))


def main():
    enter_namespace()
    unittest.main(verbosity=2)
