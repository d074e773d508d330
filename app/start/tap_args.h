/* SPDX-License-Identifier: BSD-3-Clause */
/* tap_args: the arguments of a net_tap device, checked before net_tap reads them.
 *
 * net_tap uses its defaults for all arguments if it does not know the name of one.
 *
 * Threads  any.
 * Memory   none.
 * Errors   an exit code, with e filled in.
 */
#ifndef APP_TAP_ARGS_H
#define APP_TAP_ARGS_H

#include <stdbool.h>

#include "text/error.h"

#define TAP_NAME 16 /* IFNAMSIZ */

/* Is it a net_tap or net_tun device, for example "net_tap0,iface=hf0,mac=fixed"? */
bool tap_args_is_tap(const char *vdev);
/* `persist` says that net_tap knows the argument of that name (DPDK 24.03). */
int tap_args_check(const char *vdev, bool persist, struct error *e);
/* The name that its netdev will have; "" if the kernel chooses it. */
void tap_args_iface(const char *vdev, char name[TAP_NAME]);

#endif
