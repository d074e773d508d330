# SPDX-License-Identifier: BSD-3-Clause
"""Servers for loads, on kernel sockets, each with one temper.

A temper is a function that handles one accepted connection. A Peer counts its
connections and notes their failures. Each connection has a thread: the loads of
tests are small, and a thread may block.
"""
import socket
import threading
import time

import hf

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello"
CLOSING = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello"


class Peer:
    """A listening socket, and a thread that accepts its connections."""

    def __init__(self, temper, backlog=4096, address=hf.CLIENT, port=0):
        self.temper = temper
        self.accepted = 0
        self.surprises = []
        self.over = threading.Event()
        self.accepting = threading.Event()
        self.accepting.set()
        self.threads = []
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((address, port))
        self.socket.listen(backlog)
        self.port = self.socket.getsockname()[1]
        self.acceptor = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self):
        self.acceptor.start()
        return self

    def pause(self):
        """Stop accepting. The thread may still accept one connection that it waits for."""
        self.accepting.clear()

    def go_on(self):
        self.accepting.set()

    def __exit__(self, *_):
        self.over.set()
        self.go_on()
        self.socket.shutdown(socket.SHUT_RDWR)
        self.acceptor.join(hf.DEADLINE)
        self.socket.close()
        for t in self.threads:
            t.join(hf.DEADLINE)
        assert not any(t.is_alive() for t in self.threads), "a peer's connection does not end"

    def url(self, kind="http", path="/"):
        return f"{kind}://{hf.CLIENT}:{self.port}" + (path if kind == "http" else "")

    def _accept(self):
        while not self.over.is_set():
            self.accepting.wait()
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            self.accepted += 1
            t = threading.Thread(target=self._serve, args=(s,), daemon=True)
            self.threads.append(t)
            t.start()

    def _serve(self, s):
        s.settimeout(hf.DEADLINE)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.temper(self, s)
        except (OSError, AssertionError) as e:
            self.surprises.append(repr(e))
        finally:
            s.close()


def request(s):
    """Read a request with its body; b"" if the client closed instead."""
    got = b""
    while b"\r\n\r\n" not in got:
        more = s.recv(1 << 16)
        if not more:
            assert not got, f"closed within a request: {got!r}"
            return b""
        got += more
    head, _, body = got.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            body += hf.read_exactly(s, int(line.split(b":")[1]) - len(body))
    return head + b"\r\n\r\n" + body


def requests(s):
    return iter(lambda: request(s), b"")


def gone(s):
    """Wait until the client has closed or reset the connection."""
    try:
        return hf.read_all(s)
    except ConnectionResetError:
        return b""


# ---------------------------------------------------------------- tempers: in order

def answers(text):
    """Answers every request with the same text until the client closes."""
    def temper(_, s):
        for _ in requests(s):
            s.sendall(text)
    return temper


def answers_and_closes(text):
    def temper(_, s):
        if request(s):
            s.sendall(text)
    return temper


def answers_after(seconds, text=CLOSING):
    def temper(_, s):
        if request(s):
            time.sleep(seconds)
            s.sendall(text)
    return temper


def byte_by_byte(text):
    def temper(_, s):
        if request(s):
            for n in range(len(text)):
                s.sendall(text[n:n + 1])
                time.sleep(0.001)  # otherwise one segment would hold several bytes
    return temper


def half_closes(_, s):
    """Sends a FIN behind the answer, then waits for the client's FIN."""
    if request(s):
        s.sendall(CLOSING)
        s.shutdown(socket.SHUT_WR)
        assert hf.read_all(s) == b"", "the client went on"


def echoes(_, s):
    while True:
        got = s.recv(1 << 16)
        if not got:
            return
        s.sendall(got)


def collects(store):
    """Stores the bytes that each client sends until it closes."""
    def temper(_, s):
        store.append(hf.read_all(s))
    return temper


# ---------------------------------------------------------------- tempers: bad ones

def resets_at_once(_, s):
    hf.reset(s)


def resets_within_the_answer(_, s):
    if request(s):
        s.sendall(HALF)
        hf.reset(s)


def says_and_waits(text):
    """Answers, and leaves the close to the client."""
    def temper(_, s):
        if request(s):
            s.sendall(text)
            gone(s)
    return temper


def never_answers(peer, s):
    request(s)
    gone(s)


def closes_without_an_answer(_, s):
    request(s)


def echoes_something_else(_, s):
    got = s.recv(1 << 16)
    s.sendall(bytes(b ^ 1 for b in got))
    gone(s)
