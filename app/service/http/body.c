/* SPDX-License-Identifier: BSD-3-Clause */
/* The content of responses, a generated page or a file, and the configuration of http. */
#include "service/http/body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "service/services.h"

struct http_body *
http_body_use(struct http_body *b)
{
	atomic_fetch_add(&b->users, 1);
	return b;
}

void
http_body_release(struct http_body *b)
{
	if (b == NULL || atomic_fetch_sub(&b->users, 1) > 1)
		return;
	free(b->bytes);
	free(b->path);
	free(b);
}

static struct http_body *
body_new(uint32_t len)
{
	struct http_body *b = calloc(1, sizeof(*b));

	if (b == NULL)
		return NULL;
	atomic_init(&b->users, 1);
	b->len = len;
	b->name = "";
	b->bytes = malloc(len > 0 ? len : 1);
	if (b->bytes == NULL) {
		free(b);
		return NULL;
	}
	return b;
}

/* Fills len bytes with a line that repeats and ends in a line feed. */
static void
fill_lines(uint8_t *at, uint32_t len, const char *line)
{
	size_t n = strlen(line);

	for (uint32_t i = 0; i < len; i++)
		at[i] = (uint8_t)line[i % n];
}

static const char page_top[] =
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<title>It works</title>\n"
        "<style>body{margin:4em auto;max-width:36em;font-family:sans-serif}</style>\n"
        "</head>\n<body>\n";
static const char page_end[] = "-->\n</body>\n</html>\n";

/* Makes a page of exactly b->len bytes, padded with a comment. If that is too short for a page,
 * it is plain text. */
static void
make_page(struct http_body *b)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
	        "%s<h1>It works</h1>\n<p>Served by Handfast: %u bytes over a TCP of its own.</p>\n"
	        "<!--\n",
	        page_top, b->len);
	uint32_t top = (uint32_t)n, end = sizeof(page_end) - 1;

	if (b->len < top + end) {
		b->type = "text/plain; charset=utf-8";
		fill_lines(b->bytes, b->len, "It works: served by Handfast\n");
		return;
	}
	b->type = "text/html; charset=utf-8";
	memcpy(b->bytes, text, top);
	fill_lines(b->bytes + top, b->len - top - end,
	        "................................................................\n");
	memcpy(b->bytes + b->len - end, page_end, end);
}

static void
conf_set(struct http_conf *conf, struct http_body *b)
{
	http_body_release(conf->body);
	conf->body = b;
}

int
http_conf_body(struct http_conf *conf, uint64_t bytes)
{
	struct http_body *b;

	if (bytes > HTTP_BODY_MAX)
		return -EFBIG;
	b = body_new((uint32_t)bytes);
	if (b == NULL)
		return -ENOMEM;
	make_page(b);
	conf_set(conf, b);
	return 0;
}

static const struct {
	const char *suffix, *type;
} types[] = {
        {".html", "text/html; charset=utf-8"},
        {".htm", "text/html; charset=utf-8"},
        {".txt", "text/plain; charset=utf-8"},
        {".md", "text/plain; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".json", "application/json"},
        {".xml", "application/xml"},
        {".pdf", "application/pdf"},
        {".wasm", "application/wasm"},
        {".gz", "application/gzip"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".jpeg", "image/jpeg"},
        {".gif", "image/gif"},
        {".svg", "image/svg+xml"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".mp4", "video/mp4"},
};

static const char *
media_type(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (unsigned i = 0; dot != NULL && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcasecmp(dot, types[i].suffix) == 0)
			return types[i].type;
	}
	return "application/octet-stream";
}

static int
read_body_bytes(int fd, uint8_t *at, uint32_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, at, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0) /* the file shrank meanwhile */
			return -EIO;
		at += n;
		len -= (uint32_t)n;
	}
	return 0;
}

/* Reads the file instead of mapping it. If a mapped file were truncated later, SIGBUS would end
 * the program; and a page fault could stall a turn. */
static int
body_read(struct http_body **out, int fd, const char *path)
{
	struct http_body *b;
	const char *slash;
	struct stat st;
	int rc;

	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
	if (st.st_size > HTTP_BODY_MAX)
		return -EFBIG;
	b = body_new((uint32_t)st.st_size);
	if (b == NULL)
		return -ENOMEM;
	b->path = strdup(path);
	rc = b->path == NULL ? -ENOMEM : read_body_bytes(fd, b->bytes, b->len);
	if (rc < 0) {
		http_body_release(b);
		return rc;
	}
	slash = strrchr(b->path, '/');
	b->name = slash != NULL ? slash + 1 : b->path;
	b->type = media_type(b->name);
	*out = b;
	return 0;
}

int
http_conf_file(struct http_conf *conf, const char *path)
{
	struct http_body *b = NULL;
	/* O_NONBLOCK, because opening a FIFO without a writer would block. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;

	if (fd < 0)
		return -errno;
	rc = body_read(&b, fd, path);
	close(fd);
	if (rc == 0)
		conf_set(conf, b);
	return rc;
}

int
http_conf_init(struct http_conf *conf)
{
	*conf = (struct http_conf) {
	        .timeout_ms = {[HTTP_CLIENT_HEADER] = DEFAULT_HTTP_HEADER_MS,
	                [HTTP_CLIENT_BODY] = DEFAULT_HTTP_BODY_MS,
	                [HTTP_KEEPALIVE] = DEFAULT_HTTP_KEEPALIVE_MS,
	                [HTTP_SEND] = DEFAULT_HTTP_SEND_MS},
	};
	return http_conf_body(conf, DEFAULT_HTTP_BODY);
}

void
http_conf_free(struct http_conf *conf)
{
	conf_set(conf, NULL);
}

void
http_conf_close(struct http_conf *conf, bool on)
{
	conf->close = on;
}

uint64_t
http_conf_bytes(const struct http_conf *conf)
{
	return conf->body->len;
}

const char *
http_conf_path(const struct http_conf *conf)
{
	return conf->body->path;
}
