/* SPDX-License-Identifier: BSD-3-Clause */
/* port_watch: is the kernel's network device behind a port still there?
 *
 * Whoever removes it (`ip link del`) takes the wire from under the port: its driver goes
 * on, tells a link, and counts errors.
 *
 * Threads  the main core's.
 * Time     a look a second; a call of the kernel for each such port.
 */
#ifndef APP_PORT_WATCH_H
#define APP_PORT_WATCH_H

#include "program/app.h"

/* Port i has been opened: which device is it? */
void port_watch_begin(struct app_port *p);
/* Call it often. Says it once if a device has gone. */
void port_watch_tend(struct app *app);

#endif
