/* SPDX-License-Identifier: BSD-3-Clause */
/* show: the `show` commands. Each makes one document. With `json` the document is printed as it
 * is; without `json` a text is made from the document alone, so the two cannot differ.
 * docs/json.md describes the keys.
 *
 * Threads    the main core.
 * Ownership  model() returns a new reference; text() borrows it.
 * Errors     model() returns NULL, with e filled in.
 */
#ifndef APP_SHOW_H
#define APP_SHOW_H

#include <jansson.h>
#include <stdio.h>

#include "program/app.h"

struct show {
	json_t *(*model)(struct app *app, const struct args *a, struct error *e);
	void (*text)(FILE *f, const json_t *doc);
};

#define SHOW(id, name, ...) extern const struct show name;
#include "command/commands.def"

/* "192.0.2.2:80" and "192.0.2.2" */
json_t *show_endpoint(be32 addr, be16 port);
json_t *show_addr(be32 addr);
/* "02:..." */
json_t *show_mac(const uint8_t mac[ETH_ALEN]);

#endif
