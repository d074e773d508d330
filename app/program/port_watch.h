/* SPDX-License-Identifier: BSD-3-Clause */
/* port_watch: tells the user when the kernel's network device behind a port is removed.
 *
 * After `ip link del` the port has no wire, but its driver goes on, reports a link and counts
 * errors.
 *
 * Threads  the main core.
 * Errors   none are returned; the user gets a message.
 * Bounds   once a second, one system call for each port with such a device.
 */
#ifndef APP_PORT_WATCH_H
#define APP_PORT_WATCH_H

#include "program/app.h"

/* Notes the device of a port that has been opened. */
void port_watch_begin(struct app_port *p);
/* The main core calls it often. Prints one message for each device that was removed. */
void port_watch_tend(struct app *app);

#endif
