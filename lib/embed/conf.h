/* SPDX-License-Identifier: BSD-3-Clause */
/* conf: reads and checks the configuration of an embedder, before a port is opened.
 *
 * Threads    the control thread.
 * Ownership  the configuration is copied; `ports` and `lcores` stay the caller's.
 * Memory     none.
 * Errors     0 or -errno, with a line on stderr.
 * Bounds     HF_PORTS ports, HF_WORKERS workers, LIMIT_SOURCES sources.
 */
#ifndef EMBED_CONF_H
#define EMBED_CONF_H

#include "handfast/engine.h"

/* Copy what the embedder has given, of any version, and fill in the defaults. */
int conf_read(struct hf_engine_conf *c, const struct hf_engine_conf *given);
/* Check all that can be checked before a port is opened. DPDK forgets a device that was
 * closed, so a mistake that is found later costs the device. */
int conf_check(const struct hf_engine_conf *c);

#define CONF_ADDR_TEXT 16
/* "192.0.2.1". addr is in network byte order. */
const char *conf_addr_text(uint32_t addr, char text[CONF_ADDR_TEXT]);

#endif
