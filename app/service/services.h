/* SPDX-License-Identifier: BSD-3-Clause */
/* services: what the program can serve, by name, and how it is configured.
 *
 * A service is one file behind struct hf_service; this is where the command
 * line finds it.
 *
 * Threads    configuration belongs to the main core. Each core's instance
 *            takes what it needs of a conf in create() and holds it until
 *            destroy(), so a conf may be changed, or go, after stack_listen():
 *            what is listening already goes on as it was.
 * Memory     a body is one for all cores. Instances have pools of their own,
 *            made in create(); no event allocates but from them.
 * Errors     0 or -errno.
 */
#ifndef APP_SERVICES_H
#define APP_SERVICES_H

#include "base/defaults.h"
#include "handfast/handfast.h"

/* What `http` serves: after http_conf_init() a small page. Changed by the
 * functions below alone. */
enum http_timeout {
	HTTP_CLIENT_HEADER, /* from the first byte of a request's header section, or from the
	                       handshake, to its end */
	HTTP_CLIENT_BODY,   /* until more of a request's content comes */
	HTTP_KEEPALIVE,     /* until the next request begins */
	HTTP_SEND,          /* until more of the response is read */
	HTTP_TIMEOUTS,
};

struct http_body;
struct http_conf {
	struct http_body *body;
	bool close; /* the server closes after each response */
	uint32_t timeout_ms[HTTP_TIMEOUTS];
	uint32_t max_conns; /* of the core: by that records are measured */
};

/* A response fits into what hf_send() takes: 1 GiB, less room for others. */
#define HTTP_BODY_MAX ((1u << 30) - (1u << 20))

int http_conf_init(struct http_conf *conf);
void http_conf_free(struct http_conf *conf);
/* A page of exactly so many bytes at `/`. -EFBIG, -ENOMEM. */
int http_conf_body(struct http_conf *conf, uint64_t bytes);
/* The file's content at `/` and at `/<its name>`, as it is now: read into
 * memory. -ENOENT, -EACCES..., -EISDIR or -EINVAL (not a regular file),
 * -EFBIG, -ENOMEM; on an error the conf stays as it was. */
int http_conf_file(struct http_conf *conf, const char *path);
/* Close after each response, whatever the client asks for. */
void http_conf_close(struct http_conf *conf, bool on);
/* For show: its size, and the file's path or NULL. */
uint64_t http_conf_bytes(const struct http_conf *conf);
const char *http_conf_path(const struct http_conf *conf);

/* Of a service that goes on for as long as its peer likes: how long that may rest. */
struct idle_conf {
	uint32_t idle_ms;
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

/* The conf to hand to stack_listen() with it: struct http_conf for `http`, struct
 * idle_conf (NULL: the default) for rows of IDLE; `daytime` waits for nothing. */
#define SERVICE(name, ...) extern const struct hf_service service_##name;
SERVICES(SERVICE, SERVICE, )
#undef SERVICE

/* NULL if there is none of that name. */
const struct hf_service *service_by_name(const char *name);
/* In the order of help texts; NULL at the end. */
extern const char *const service_names[];

#endif
