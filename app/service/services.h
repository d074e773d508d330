/* SPDX-License-Identifier: BSD-3-Clause */
/* services: the services of the program, by name, and their configuration.
 *
 * A service is a struct hf_service in a file or a folder of its own. The command line finds it
 * in the table of this file.
 *
 * Threads    the main core changes the configuration. In create(), the instance of a core
 *            copies the values of a conf, or takes references, which it holds until
 *            destroy(). So a conf may change or go after stack_listen(). Open listeners
 *            keep their settings.
 * Memory     all cores share a body. An instance has pools of its own, made in create().
 *            Events allocate only from these.
 * Errors     0 or -errno.
 */
#ifndef APP_SERVICES_H
#define APP_SERVICES_H

#include "base/defaults.h"
#include "handfast/handfast.h"

enum http_timeout {
	HTTP_CLIENT_HEADER, /* from the handshake, or from the first byte of a request, to the
	                       end of its header section */
	HTTP_CLIENT_BODY,   /* until more content of a request comes */
	HTTP_KEEPALIVE,     /* until the next request begins */
	HTTP_SEND,          /* until the peer reads more of the response */
	HTTP_TIMEOUTS,
};

/* The configuration of `http`; only the functions below change it. After http_conf_init() the
 * service has a small page. */
struct http_body;
struct http_conf {
	struct http_body *body;
	bool close; /* the server closes after each response */
	uint32_t timeout_ms[HTTP_TIMEOUTS];
	uint32_t max_conns; /* connections of a core; sets the number of records */
};

/* hf_send() takes 1 GiB at most, and other responses need room, too. */
#define HTTP_BODY_MAX ((1u << 30) - (1u << 20))

int http_conf_init(struct http_conf *conf);
void http_conf_free(struct http_conf *conf);
/* Serves a page of exactly `bytes` bytes at `/`. -EFBIG, -ENOMEM. */
int http_conf_body(struct http_conf *conf, uint64_t bytes);
/* Reads the file into memory and serves it at `/` and at `/NAME`. -ENOENT, -EACCES and others,
 * -EISDIR or -EINVAL (not a regular file), -EFBIG, -ENOMEM; after an error the conf is
 * unchanged. */
int http_conf_file(struct http_conf *conf, const char *path);
/* Sets whether the server closes after each response, whatever the client asks for. */
void http_conf_close(struct http_conf *conf, bool on);
/* The size of the body. */
uint64_t http_conf_bytes(const struct http_conf *conf);
/* The path of the file that is served; NULL for a generated page. */
const char *http_conf_path(const struct http_conf *conf);

/* The configuration of a service without an end of its own. */
struct idle_conf {
	uint32_t idle_ms; /* how long a peer may be idle */
};

/* clang-format off */
/* Every service, one row each: X(name, port, help), or IDLE(name, port, help) for a service whose
 * peers may be idle for a limited time (struct idle_conf). OR stands between two rows of IDLE. The
 * service is service_<name>, a struct hf_service. It usually listens on the port. */
#define SERVICES(X, IDLE, OR)                                                              \
	X(http, 80, "a page or a file by HTTP/1.1")                                        \
	IDLE(echo, 7, "returns each byte (RFC 862)") OR                                    \
	IDLE(discard, 9, "takes each byte, returns none (RFC 863)") OR                     \
	X(daytime, 13, "sends the date, and closes (RFC 867)")                             \
	IDLE(chargen, 19, "sends lines without end (RFC 864)")
/* clang-format on */
#define NO_SERVICE(...)

enum idle_service {
#define IDLE(name, ...) IDLE_##name,
	SERVICES(NO_SERVICE, IDLE, )
#undef IDLE
	        IDLE_SERVICES
};

/* "echo|discard|chargen" */
#define SERVICE_NAME(name, ...) #name
#define SERVICES_IDLE_SYNTAX    SERVICES(NO_SERVICE, SERVICE_NAME, "|")

/* "http, echo, discard, daytime, chargen, " */
#define SERVICE_COMMA(name, ...) #name ", "
#define SERVICES_LIST            SERVICES(SERVICE_COMMA, SERVICE_COMMA, )

/* The conf that stack_listen() takes with a service is a struct http_conf for `http` and a
 * struct idle_conf for rows of IDLE (NULL: the default). `daytime` has none. */
#define SERVICE(name, ...) extern const struct hf_service service_##name;
SERVICES(SERVICE, SERVICE, )
#undef SERVICE

/* The service of that name, or NULL. */
const struct hf_service *service_by_name(const char *name);
/* The names in the order of help texts; NULL ends them. */
extern const char *const service_names[];

#endif
