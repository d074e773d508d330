/* SPDX-License-Identifier: BSD-3-Clause */
/* discard: throws away what it receives (RFC 863). That is what the stack does
 * with the bytes, and with the peer's FIN, when there is nobody to ask. */
#include "services.h"

const struct hf_service service_discard = {
        .name = "discard",
};
