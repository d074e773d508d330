/* SPDX-License-Identifier: BSD-3-Clause */
/* config: what the operator asked for, apart from what is running.
 *
 * Each change is checked against the rest; config_print() gives the commands
 * that would bring it about again.
 *
 * Threads  the main core's.
 * Errors   -errno, with struct error filled in.
 */
#ifndef APP_CONFIG_H
#define APP_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/defaults.h"
#include "base/limits.h"
#include "command/values.h"
#include "service/services.h"
#include "stack/stack.h"
#include "text/error.h"

#define CONFIG_SERVICE 16

struct config_port {
	be32 ip; /* 0: none yet */
	uint8_t prefix_len;
	be32 gateway; /* 0: none */
};

struct config_listen {
	be32 addr;
	be16 port;
	char service[CONFIG_SERVICE];
};

struct config_http {
	bool body_set;
	uint64_t body_bytes;
	char file[VALUE_TEXT]; /* "": a made page */
	bool close_set;
	bool close;
	uint32_t timeout_ms[HTTP_TIMEOUTS]; /* 0: the default */
};

/* How SYNs are answered. */
struct config_syn {
	bool cookie_set;
	enum syn_cookie cookie;
	char keys[VALUE_TEXT]; /* the file; "": drawn */
	bool when_full_set;
	bool refuse; /* who finds no room, instead of no answer */
};

/* What loads connect from. */
struct config_source {
	be32 first, last;           /* 0: the port's own address */
	be16 port_first, port_last; /* 0: the stack's default */
	bool scattered;
};

struct config {
	unsigned nports;
	struct config_port port[LIMIT_PORTS];
	unsigned nlisten;
	struct config_listen listen[LIMIT_USERS];
	struct config_http http;
	uint32_t idle_ms[IDLE_SERVICES]; /* 0: the default */
	struct config_source source;
	struct config_syn syn;
	bool drain_set;
	uint32_t drain_ms;
};

/* How long connections may take to end when the program does. */
static inline uint32_t
config_drain_ms(const struct config *c)
{
	return c->drain_set ? c->drain_ms : DEFAULT_DRAIN_MS;
}

be32 config_netmask(uint8_t prefix_len);

extern const char *const config_syn_cookie_names[]; /* by enum syn_cookie */
/* nginx's: "client_header_timeout" ... */
extern const char *const config_http_timeouts[HTTP_TIMEOUTS];
extern const char *const config_idle_services[IDLE_SERVICES];

int config_set_port(
        struct config *c, uint64_t port, const struct config_port *p, struct error *e);
/* Is its gateway a neighbour by decree, and not by the prefix? */
bool config_gateway_outside(const struct config_port *p);
int config_add_listen(
        struct config *c, be32 addr, be16 port, const char *service, struct error *e);
/* All zero: no sources of their own. */
int config_set_source(struct config *c, const struct config_source *s, struct error *e);
/* May a load go there? */
int config_check_target(const struct config *c, be32 addr, struct error *e);
/* Says that there is no port of that number; returns -ENODEV. */
int config_no_such_port(const struct config *c, uint64_t port, struct error *e);
/* The listener that was added last could not be opened. */
void config_drop_last_listen(struct config *c);
/* May it be started? One port has an address; others without one are left alone. */
int config_check(const struct config *c, struct error *e);

/* One line of it at a time, in an order that can be read in again. */
void config_print(const struct config *c, void (*line)(void *ctx, const char *text), void *ctx);

#endif
