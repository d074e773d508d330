/* SPDX-License-Identifier: BSD-3-Clause */
#include <stddef.h>

#include "command/grammar.h"

const struct form command_forms[] = {
        {CMD_SET_PORT, "set port N ip ADDR/LEN [gateway ADDR]", "give a port its IPv4 address",
                "While the stack is stopped. The gateway is the next hop to all that is not\n"
                "  in ADDR/LEN; without one only neighbours are reached."},
        {CMD_SET_LISTEN, "set listen ADDR:PORT SERVICE", "serve on a TCP port",
                "ADDR is an address of one of our ports, or 0.0.0.0 for any of them. Works\n"
                "  while running, too."},
        {CMD_SET_HTTP_BODY, "set http body BYTES", "serve a page of this size",
                "Listeners are opened by `start` with what was set last, or by `set listen`\n"
                "  while running: `stop` and `start` bring it to those that are there."},
        {CMD_SET_HTTP_FILE, "set http file PATH", "serve this file, as it is now",
                "At / and at /NAME. Listeners are opened by `start` with what was set last,\n"
                "  or by `set listen` while running: `stop` and `start` bring it to those\n"
                "  that are there."},
        {CMD_SET_HTTP_CLOSE, "set http close (on|off)",
                "close after each response, or keep alive",
                "Listeners are opened by `start` with what was set last, or by `set listen`\n"
                "  while running: `stop` and `start` bring it to those that are there."},
        {CMD_SET_HTTP_TIMEOUT,
                "set http (client_header_timeout|client_body_timeout|keepalive_timeout|"
                "send_timeout) DURATION",
                "how long http waits for its peers",
                "As in nginx. client_header_timeout (60): from a request's first byte, or\n"
                "  from the handshake, to the end of its header section. client_body_timeout\n"
                "  (60): for more of a request's content. keepalive_timeout (75): for the "
                "next\n"
                "  request. send_timeout (60): until more of the response is read. Listeners\n"
                "  are opened by `start` with what was set last, or by `set listen` while\n"
                "  running: `stop` and `start` bring it to those that are there."},
        {CMD_SET_IDLE_TIMEOUT, "set (echo|discard|chargen) idle_timeout DURATION",
                "how long a peer may rest, then it is reset",
                "300 unless it is set. Listeners are opened by `start` with what was set "
                "last,\n"
                "  or by `set listen` while running: `stop` and `start` bring it to those\n"
                "  that are there."},
        {CMD_SET_SOURCE, "set source ADDR-ADDR [ports A-B] [scattered]",
                "what loads connect from",
                "While the stack is stopped. Without it, loads connect from the port's own\n"
                "  address. ARP requests for these addresses are answered on every port; the\n"
                "  peer needs a route to them. Ports are 1024-65535 unless given. One address\n"
                "  and port after the other, or, scattered, chosen at random."},
        {CMD_SET_SOURCE_OFF, "set source off", "loads connect from the port's own address",
                "While the stack is stopped."},
        {CMD_SET_SYN_COOKIE, "set syn-cookie (auto|always|off)",
                "how SYNs are remembered: by us, or in cookies",
                "auto: records are kept while there is room and few SYNs stay without an\n"
                "  ACK; in a flood SYNs are answered with cookies, and nothing is kept of\n"
                "  them. always: cookies only. off: records only; in a flood they make room\n"
                "  for one another. Each core decides for itself. Works while running, too."},
        {CMD_SET_COOKIE_KEYS, "set cookie-keys FILE",
                "make cookies under the keys of this file",
                "For hosts that answer for one address. Lines: ID KEY NOT-BEFORE, that is a\n"
                "  number, 32 hexadecimal digits (openssl rand -hex 16), and seconds since\n"
                "  1970 or 2026-11-21T00:00:00Z; 0: always. Nobody but its owner may have\n"
                "  rights to the file (chmod 600). Again, it reads the file again: cookies\n"
                "  that are under way hold. A file with a mistake changes nothing."},
        {CMD_SET_COOKIE_KEYS_OFF, "set cookie-keys off", "make cookies under a key of our own",
                "It is drawn anew, and no other host has it."},
        {CMD_SET_WHEN_FULL, "set when-full (drop|refuse)", "what a SYN gets that finds no room",
                "When --max-conns are open and none of them can make room. drop: no answer,\n"
                "  so that the peer tries again, or elsewhere. refuse: a reset. Works while\n"
                "  running, too."},
        {CMD_SET_DRAIN_TIME, "set drain-time WAIT",
                "how long connections may take to end when the program does",
                "5 s unless it is set; 0: they are reset at once. At quit, the end of input,\n"
                "  SIGINT or SIGTERM: as `drain` does. Another signal ends it at once. Works\n"
                "  while running, too."},
        {CMD_START, "start", "open the listeners, begin to work", NULL},
        {CMD_STOP, "stop", "reset what is open, and halt", NULL},
        {CMD_DRAIN, "drain [SECONDS]", "refuse new connections, wait for the others, stop",
                "http answers with `Connection: close`, and closes what is idle in order.\n"
                "  Waits for 30 seconds if none are given; what is open then is reset.\n"
                "  Ctrl-C ends the wait, and the program."},
        {CMD_LOAD,
                "load URL {rate CPS | concurrency CONNS | duration DURATION | warmup WARMUP | "
                "requests-per-connection REQUESTS | close (fin|rst|server) | payload BYTES | "
                "timeout MS | json FILE | html PAGE | accept-status STATUS | "
                "expect cps LEAST | expect rps LEAST | expect errors SHARE | "
                "expect [connect|first-byte|request] (p50|p90|p99|p99.9) MOST ... | "
                "expect (connect|first-byte|request) MOST ...}",
                "open connections, and measure",
                "URL is http://ADDR[:PORT][/PATH], tcp://ADDR:PORT or echo://ADDR[:PORT]. It\n"
                "  starts the stack if need be, and ends with a report. In any order:\n\n"
                "  rate CPS                          start so many a second, come what may\n"
                "  concurrency CONNS                 or keep so many open (64)\n"
                "  duration DURATION                 seconds, after the warm-up (10)\n"
                "  warmup WARMUP                     seconds in which the load grows (1)\n"
                "  requests-per-connection REQUESTS  one after the other (1)\n"
                "  close (fin|rst|server)            who closes: we by FIN (tcp, echo), we\n"
                "                                    by RST, or the server first (http)\n"
                "  payload BYTES                     of each echo (64); to send after a tcp\n"
                "                                    connect, or to POST by http (none)\n"
                "  timeout MS                        of each request (10000)\n"
                "  json FILE, html PAGE              write the report there, too\n"
                "  accept-status STATUS              answers that complete (2xx), as 2xx,301\n"
                "  expect ...                        what is missed makes exit code 1, and 2 "
                "if\n"
                "                                    that may be our own doing:\n"
                "    cps LEAST, rps LEAST            completed, answered a second\n"
                "    errors SHARE                    at most so many, or as 5% of all "
                "attempts\n"
                "                                    (1%, also where it is not said)\n"
                "    p50|p90|p99|p99.9 MOST          at most so many ms (whole connections);\n"
                "    connect|first-byte|request ...  the same of those, as `expect connect "
                "p50\n"
                "                                    2`; without a percentile: p99"},
        {CMD_STOP_LOAD, "stop load", "end the load now, with its report", NULL},
        {CMD_SHOW_PORT, "show port (N|all) [json]", "address, link, offloads, counters", NULL},
        {CMD_SHOW_LCORE, "show lcore [json]", "what each worker core does and holds", NULL},
        {CMD_SHOW_LISTEN, "show listen [json]", "listeners and their connections", NULL},
        {CMD_SHOW_CONNECTIONS, "show connections [state S] [limit COUNT] [json]",
                "connections, one a line", "The first 100 unless a limit is given."},
        {CMD_SHOW_DROPS, "show drops [json]", "what was dropped, and why", NULL},
        {CMD_SHOW_SYN, "show syn [json]", "how SYNs are answered: floods, cookies, their keys",
                NULL},
        {CMD_SHOW_NEIGHBOURS, "show neighbours [json]", "who was found by ARP", NULL},
        {CMD_SHOW_CONFIG, "show config [json]", "the commands that lead to this state", NULL},
        {CMD_SHOW_LOAD, "show load [json]", "the load that runs, or ran last", NULL},
        {CMD_CLOSE_CONNECTION, "close connection PEER:PORT [to LOCAL:PORT]", "end a connection",
                "Its peer is reset. Without `to`, all connections of that address and port."},
        {CMD_CLOSE_CONNECTIONS, "close connections from ADDR/LEN",
                "end all connections of these peers", "They are reset."},
        {CMD_CLEAR_STATS, "clear stats", "count from zero again", NULL},
        {CMD_CAPTURE_START, "capture start FILE [limit PACKETS]",
                "write packets to a pcapng file",
                "All ports, both directions, until `capture stop` or the limit. Works before\n"
                "  `start`, too."},
        {CMD_CAPTURE_STOP, "capture stop", "end the capture and close its file", NULL},
        {CMD_HELP, "help [COMMAND]", "this list, or one command", NULL},
        {CMD_QUIT, "quit", "close in order and end", NULL},
        {CMD_COUNT, NULL, NULL, NULL},
};
