/* SPDX-License-Identifier: BSD-3-Clause */
/* show: each `show` makes one document. `json` prints it as it is, and without
 * `json` a text is made of that document and nothing else: so the two cannot
 * differ. Its keys are described in docs/json.md.
 *
 * Ownership  model() gives a new reference.
 * Errors     NULL, with e filled in.
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
