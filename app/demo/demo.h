/* SPDX-License-Identifier: BSD-3-Clause */
/* demo: client and server in one process, over rings in memory; needs neither
 * root nor a NIC nor hugepages. */
#ifndef APP_DEMO_H
#define APP_DEMO_H

/* What stands behind `handfast demo`; returns an exit code. */
int demo_main(int argc, char **argv);

#endif
