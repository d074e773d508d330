/* SPDX-License-Identifier: BSD-3-Clause */
/* demo: client and server in one process, over rings in memory. It needs neither root nor a NIC
 * nor hugepages.
 *
 * Threads  the main one.
 * Errors   an exit code; the message is on stderr.
 */
#ifndef APP_DEMO_H
#define APP_DEMO_H

/* argv has the words behind `handfast demo`. */
int demo_main(int argc, char **argv);

#endif
