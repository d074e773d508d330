/* SPDX-License-Identifier: BSD-3-Clause */
/* environment: on what a load was measured. */
#ifndef APP_LOAD_ENVIRONMENT_H
#define APP_LOAD_ENVIRONMENT_H

#include "load/report/result.h"

struct app;

/* port: the one that leads to the peer. */
void environment_fill(const struct app *app, unsigned port, struct load_result *r);

#endif
