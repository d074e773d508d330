/* SPDX-License-Identifier: BSD-3-Clause */
/* tap_args: the arguments of a net_tap device.
 *
 * net_tap takes its defaults for all of them if it does not know the name of one.
 *
 * Errors  an exit code, with e filled in.
 */
#ifndef APP_TAP_ARGS_H
#define APP_TAP_ARGS_H

#include <stdbool.h>

#include "text/error.h"

#define TAP_NAME 16 /* IFNAMSIZ */

/* vdev: "net_tap0,iface=hf0,mac=fixed", or of net_tun. */
bool tap_args_is_tap(const char *vdev);
/* persist: net_tap knows that argument (DPDK 24.03). */
int tap_args_check(const char *vdev, bool persist, struct error *e);
/* The name that its netdev shall have, "" if the kernel chooses. */
void tap_args_iface(const char *vdev, char name[TAP_NAME]);

#endif
