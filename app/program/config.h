/* SPDX-License-Identifier: BSD-3-Clause */
/* config: the configuration that the user has set, apart from the state of the engine.
 *
 * Each change is checked against the rest. config_print() prints the commands that set the
 * same configuration.
 *
 * Threads  the main core.
 * Memory   the struct; nothing is allocated.
 * Errors   -errno, with e filled in; the configuration is then unchanged.
 * Bounds   LIMIT_PORTS ports, LIMIT_USERS listeners, LIMIT_SOURCES source addresses.
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
	char file[VALUE_TEXT]; /* "": a generated page */
	bool close_set;
	bool close;
	uint32_t timeout_ms[HTTP_TIMEOUTS]; /* 0: the default */
};

/* How SYNs are answered. */
struct config_syn {
	bool cookie_set;
	enum syn_cookie cookie;
	char keys[VALUE_TEXT]; /* the file of keys; "": `start` draws a key */
	bool when_full_set;
	bool refuse; /* a full stack answers a SYN with RST, instead of no answer */
};

/* The addresses and ports that loads connect from. */
struct config_source {
	be32 first;      /* the lowest address; 0: the port's own address */
	be32 last;       /* the highest address */
	be16 port_first; /* the lowest port; 0: the stack's default */
	be16 port_last;  /* the highest port */
	bool scattered;  /* addresses are used in a scattered order */
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

/* How long the end of the program waits for connections to end. */
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
/* Is the gateway outside the port's network? It is a neighbour all the same. */
bool config_gateway_outside(const struct config_port *p);
int config_add_listen(
        struct config *c, be32 addr, be16 port, const char *service, struct error *e);
/* All zero: loads connect from the port's own address. */
int config_set_source(struct config *c, const struct config_source *s, struct error *e);
/* Checks that another host can have addr, so that a load can connect to it. */
int config_check_target(const struct config *c, be32 addr, struct error *e);
/* Fills in e for a port that does not exist, and returns -ENODEV. */
int config_no_such_port(const struct config *c, uint64_t port, struct error *e);
/* Removes the listener that was added last, because it could not be opened. */
void config_drop_last_listen(struct config *c);
/* Checks that the engine can start: at least one port has an address. A port without one stays
 * unused. */
int config_check(const struct config *c, struct error *e);

/* Calls line() for each command, in an order that can be read in again. */
void config_print(const struct config *c, void (*line)(void *ctx, const char *text), void *ctx);

#endif
