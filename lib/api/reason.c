/* SPDX-License-Identifier: BSD-3-Clause */
/* The names of the reasons for an end, and the errno of a socket for each. */
#include <errno.h>

#include "handfast/handfast.h"

const char *
hf_reason_name(enum hf_reason why)
{
	switch (why) {
	case HF_CLOSED:
		return "closed";
	case HF_RESET:
		return "reset";
	case HF_REFUSED:
		return "refused";
	case HF_TIMEOUT:
		return "timeout";
	case HF_ABORTED:
		return "aborted";
	case HF_STOPPED:
		return "stopped";
	case HF_PRESSURE:
		return "pressure";
	case HF_HOST_UNREACHABLE:
		return "host unreachable";
	case HF_NET_UNREACHABLE:
		return "net unreachable";
	case HF_NO_PROTOCOL:
		return "no such protocol";
	case HF_PROHIBITED:
		return "prohibited";
	case HF_BAD_PROTOCOL:
		return "protocol error";
	}
	return "unknown";
}

int
hf_reason_errno(enum hf_reason why)
{
	switch (why) {
	case HF_CLOSED:
		return 0;
	case HF_RESET:
		return ECONNRESET;
	case HF_REFUSED:
		return ECONNREFUSED;
	case HF_TIMEOUT:
		return ETIMEDOUT;
	case HF_ABORTED:
		return ECONNABORTED;
	case HF_STOPPED:
		return ESHUTDOWN;
	case HF_PRESSURE:
		return ENOBUFS;
	case HF_HOST_UNREACHABLE:
	case HF_PROHIBITED:
		return EHOSTUNREACH;
	case HF_NET_UNREACHABLE:
		return ENETUNREACH;
	case HF_NO_PROTOCOL:
		return ENOPROTOOPT;
	case HF_BAD_PROTOCOL:
		return EPROTO;
	}
	return EINVAL;
}
