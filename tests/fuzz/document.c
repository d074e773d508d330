/* SPDX-License-Identifier: BSD-3-Clause */
/* An input changes a JSON document. */
#include "document.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct node {
	json_t *parent, *value;
	const char *key; /* in an object; else NULL */
	size_t index;
};

struct nodes {
	unsigned n;
	struct node node[DOCUMENT_NODES];
};

struct change {
	uint8_t what, len;
	const uint8_t *bytes;
};

static void
add(struct nodes *all, struct node n)
{
	if (all->n < DOCUMENT_NODES)
		all->node[all->n++] = n;
}

static void
collect(struct nodes *all, json_t *parent)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach(parent, key, value)
	{
		add(all, (struct node) {parent, value, key, 0});
		collect(all, value);
	}
	json_array_foreach(parent, i, value)
	{
		add(all, (struct node) {parent, value, NULL, i});
		collect(all, value);
	}
}

static json_t *
integer_of(const struct change *c)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < c->len && i < 8; i++)
		n |= (uint64_t)c->bytes[i] << 8 * i;
	return json_integer((json_int_t)n);
}

static json_t *
real_of(const struct change *c)
{
	char text[256] = "";

	memcpy(text, c->bytes, c->len);
	return json_real(strtod(text, NULL));
}

static json_t *
bound_of(const struct change *c)
{
	static const json_int_t bounds[] = {0, 1, -1, 100, UINT32_MAX, INT64_C(1) << 32,
	        INT64_C(1) << 47, INT64_C(1) << 48, (INT64_C(1) << 48) + 1, INT64_C(1) << 53,
	        INT64_C(1000000000000000), INT64_MAX, INT64_MIN};

	return json_integer(
	        bounds[(c->len ? c->bytes[0] : 0) % (sizeof(bounds) / sizeof(bounds[0]))]);
}

/* The replacement of node n; NULL: it is not replaced. */
static json_t *
value_of(const struct nodes *all, const struct node *n, const struct change *c)
{
	unsigned other = c->len > 1 ? c->bytes[0] | (unsigned)c->bytes[1] << 8 : 0;

	switch ((enum document_change)(c->what % DOCUMENT_CHANGES)) {
	case DOCUMENT_INTEGER:
		return integer_of(c);
	case DOCUMENT_REAL:
		return real_of(c);
	case DOCUMENT_STRING:
		return json_stringn((const char *)c->bytes, c->len);
	case DOCUMENT_BOUND:
		return bound_of(c);
	case DOCUMENT_NULL:
		return json_null();
	case DOCUMENT_TRUE:
		return json_true();
	case DOCUMENT_FALSE:
		return json_false();
	case DOCUMENT_ARRAY:
		return json_array();
	case DOCUMENT_OBJECT:
		return json_object();
	case DOCUMENT_COPY:
		return json_deep_copy(all->node[other % all->n].value);
	case DOCUMENT_AGAIN:
		return json_deep_copy(n->value);
	case DOCUMENT_DELETE:
	case DOCUMENT_CHANGES:
		break;
	}
	return NULL;
}

static void
set(const struct node *n, const struct change *c, json_t *value)
{
	bool again = c->what % DOCUMENT_CHANGES == DOCUMENT_AGAIN;
	char key[256] = "";

	memcpy(key, c->bytes, c->len);
	if (n->key != NULL)
		json_object_set_new(n->parent, again ? key : n->key, value);
	else if (again)
		json_array_insert_new(n->parent, n->index, value);
	else
		json_array_set_new(n->parent, n->index, value);
}

static void
apply(json_t *doc, unsigned at, const struct change *c)
{
	struct nodes all = {.n = 0};
	const struct node *n;
	json_t *value;

	collect(&all, doc);
	if (all.n == 0)
		return;
	n = &all.node[at % all.n];
	value = value_of(&all, n, c);
	if (value != NULL && all.n < DOCUMENT_NODES)
		set(n, c, value);
	else
		json_decref(value);
	if (c->what % DOCUMENT_CHANGES != DOCUMENT_DELETE)
		return;
	if (n->key != NULL)
		json_object_del(n->parent, n->key);
	else
		json_array_remove(n->parent, n->index);
}

void
document_change(json_t *doc, const uint8_t *data, size_t size)
{
	while (size >= 4) {
		struct change c = {data[2], data[3], data + 4};

		if (c.len > size - 4)
			c.len = (uint8_t)(size - 4);
		if (c.len == 255)
			c.len--;
		apply(doc, data[0] | (unsigned)data[1] << 8, &c);
		data += 4 + c.len;
		size -= 4 + (size_t)c.len;
	}
}
