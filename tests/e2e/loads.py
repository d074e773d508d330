# SPDX-License-Identifier: BSD-3-Clause
"""The common part of the tests of the load generator."""
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile

import hf

PASSED, MISSED, ENVIRONMENT, USAGE = 0, 1, 2, 3

SMALL = "rate 50 duration 1 warmup 0"


class LoadCase(hf.Case):
    """Loads at the prompt of one running program. After each load, the program holds no
    resources, and the counts of the report add up."""
    commands = ()

    @classmethod
    def setUpClass(cls):
        # The kernel's TIME-WAITs would outlive the program. The next program has another
        # secret, so its SYNs could look old to them.
        hf.sysctl("net.ipv4.tcp_max_tw_buckets", 0)
        super().setUpClass()

    def load_begin(self, url, options):
        self.report_path = os.path.join(self.hf.dir, "report.json")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.report_path)
        said = self.hf.command(f"load {url} {options} json {self.report_path}")
        self.assertNotRegex(said, "stdin:[0-9]+: ")

    def load_end(self):
        """The report. The program writes it beside its place and renames it, so it is complete."""
        hf.wait_for(lambda: os.path.exists(self.report_path), "the end of the load")
        with open(self.report_path, encoding="utf-8") as f:
            report = json.load(f)
        self.check_balance(report)
        self.check_empty()
        return report

    def load(self, url, options=SMALL):
        self.load_begin(url, options)
        return self.load_end()

    def check_balance(self, report):
        errors = report["errors"]
        kinds = sum(n for kind, n in errors.items() if kind != "total")
        self.assertEqual(errors["total"], kinds, errors)
        self.assertEqual(report["attempted"], report["completed"] + kinds, errors)
        self.assertGreater(report["attempted"], 0)

    def check_empty(self):
        self.hf.wait_idle()
        try:
            hf.wait_for(lambda: self.hf.clean(self.at_start), "as at the start", 20)
        except AssertionError:
            raise AssertionError(f"left over: {self.hf.usage()}, at the start {self.at_start}") from None

    def all_complete(self, url, options=SMALL):
        report = self.load(url, options)
        self.assertEqual(report["errors"]["total"], 0, report["errors"])
        self.assertGreater(report["completed"], 0)
        return report

    def all_fail(self, kind, url, options=SMALL):
        """Each connection is one error of this kind, and there is no other error."""
        report = self.load(url, options)
        type(self).exit_code = MISSED  # the load has completed nothing
        self.assertEqual(report["completed"], 0)
        self.assertEqual(report["errors"][kind], report["attempted"], report["errors"])
        return report


class Nginx:
    """nginx in the foreground, with a log of one line per request."""

    CONFIG = """
daemon off; master_process {master}; pid {dir}/pid; error_log {dir}/error.log notice;
events {{ worker_connections 4096; }}
http {{
    log_format counted '$connection $connection_requests $status $remote_addr $request_method $body_bytes_sent';
    access_log {dir}/access.log counted;
    client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
    uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
    keepalive_requests 100; keepalive_timeout 60s;
    server {{
        listen {address}:{port} backlog=4096;
        root {dir}/pages;
        location = /moved {{ return 302 /small; }}
        location = /busy {{ return 503; }}
        location = /chunked {{ ssi on; ssi_types *; }}
        location /put/ {{ dav_methods PUT; client_max_body_size 64m; client_body_buffer_size 8m; }}
    }}
}}
"""

    def __init__(self, address=hf.CLIENT, port=8080, master=False):
        self.port = port
        self.dir = tempfile.mkdtemp(prefix="hf-nginx-")
        os.chmod(self.dir, 0o755)  # nginx runs as another user
        os.mkdir(os.path.join(self.dir, "pages"))
        os.mkdir(os.path.join(self.dir, "pages", "put"))
        os.chmod(os.path.join(self.dir, "pages", "put"), 0o777)
        for name, size in (("empty", 0), ("small", 100), ("big", 100_000)):
            self.page(name, b"x" * size)
        self.page("chunked", b'<!--#set var="a" value="b" -->' + b"y" * 5000 + b'<!--#echo var="a" -->')
        config = os.path.join(self.dir, "nginx.conf")
        with open(config, "w", encoding="ascii") as f:
            f.write(self.CONFIG.format(dir=self.dir, address=address, port=port, master="on" if master else "off"))
        self.process = subprocess.Popen(["nginx", "-c", config, "-e", os.path.join(self.dir, "error.log")],
                                        stdin=subprocess.DEVNULL)
        hf.wait_for(self.listens, "nginx listens")

    def page(self, name, content):
        with open(os.path.join(self.dir, "pages", name), "wb") as f:
            f.write(content)

    def listens(self):
        assert self.process.poll() is None, self.read("error.log")
        return f":{self.port:04X} 00000000:0000 0A" in self.read("/proc/net/tcp")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def read(self, name):
        with open(os.path.join(self.dir, name), encoding="utf-8") as f:
            return f.read()

    def log_forget(self):
        os.truncate(os.path.join(self.dir, "access.log"), 0)

    def log(self):
        """(connection, number of the request in it, status, client, method, bytes) of each request."""
        return [(int(c), int(n), int(status), client, method, int(size)) for c, n, status, client, method, size in
                (line.split() for line in self.read("access.log").splitlines())]

    def end(self):
        self.process.terminate()
        self.process.wait(hf.DEADLINE)
        shutil.rmtree(self.dir, ignore_errors=True)
