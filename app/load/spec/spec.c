/* SPDX-License-Identifier: BSD-3-Clause */
/* Names of the kinds of loads and closes. */
#include "load/spec/options.h"

const char *
load_kind_name(enum load_kind k)
{
	static const char *const names[] = {
	        [LOAD_HTTP] = "http", [LOAD_TCP] = "tcp", [LOAD_ECHO] = "echo"};

	return names[k];
}

const char *const load_close_names[] = {
        [LOAD_CLOSE_FIN] = "fin",
        [LOAD_CLOSE_RST] = "rst",
        [LOAD_CLOSE_SERVER] = "server",
        NULL,
};

const char *
load_close_name(enum load_close c)
{
	return load_close_names[c];
}
