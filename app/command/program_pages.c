/* SPDX-License-Identifier: BSD-3-Clause */
/* The pages of the program as a whole: handfast(1), and the word lists of the completion. */
#include <string.h>

#include "command/markdown.h"
#include "command/pages.h"
#include "command/roff.h"
#include "start/options.h"

/* "-i, --interactive", "--ports LIST" */
static void
option_term(const struct option_text *t, char *out, size_t size)
{
	char letter[8] = "";

	if (t->letter != 0)
		snprintf(letter, sizeof(letter), "-%c, ", t->letter);
	snprintf(out, size, "%s--%s%s%s", letter, t->name, t->value != NULL ? " " : "",
	        t->value != NULL ? t->value : "");
}

void
options_markdown(FILE *f)
{
	struct option_text t;
	char term[80];

	markdown_begin(f, "options");
	fputs("| option | |\n|---|---|\n", f);
	for (unsigned i = 0; option_text(i, &t); i++) {
		option_term(&t, term, sizeof(term));
		markdown_first_cell(f, term);
		markdown_last_cell(f, t.help, t.detail);
	}
	markdown_end(f);
}

static void
print_synopsis(FILE *f)
{
	fputs(".SH SYNOPSIS\n", f);
	for (unsigned i = 0; program_text.usage[i] != NULL; i++) {
		fputs(i > 0 ? ".br\n\\&" : "\\&", f);
		roff_text(f, program_text.usage[i]);
		fputc('\n', f);
	}
}

static void
print_man_options(FILE *f)
{
	struct option_text t;
	char term[80];

	fputs(".SH OPTIONS\n"
	      "EAL options choose cores, memory and devices.\nThe documentation of DPDK explains them.\n"
	      "The options of handfast stand behind\n.BR \\-\\- :\n",
	        f);
	for (unsigned i = 0; option_text(i, &t); i++) {
		option_term(&t, term, sizeof(term));
		roff_entry(f, term, "", t.help, t.detail);
	}
}

static void
print_man_exits(FILE *f)
{
	char code[12];

	fputs(".SH EXIT STATUS\n", f);
	for (const struct exit_code *x = program_text.exits; x->text != NULL; x++) {
		snprintf(code, sizeof(code), "%d", x->code);
		roff_entry(f, code, "", x->text, NULL);
	}
}

void
pages_program_man(FILE *f)
{
	fputs(".TH HANDFAST 1 \"\" \"handfast\" \"Handfast\"\n"
	      ".SH NAME\n"
	      "handfast \\- a poll\\-mode TCP stack on DPDK, server and load generator\n",
	        f);
	print_synopsis(f);
	fputs(".SH DESCRIPTION\n", f);
	roff_text(f, program_text.about);
	fputs("\n.PP\nCommands come from a file, from a pipe or from a prompt.\n"
	      ".BR handfast\\-commands (7)\nexplains them.\n.B handfast demo help\nand\n"
	      ".B handfast report merge \\-\\-help\nexplain the other two.\n",
	        f);
	print_man_options(f);
	print_man_exits(f);
	fputs(".SH EXAMPLES\n"
	      "A web server on a TAP device, without hugepages, with a prompt:\n.PP\n.nf\n"
	      "handfast \\-l 0 \\-\\-no\\-huge \\-m 512 \\-\\-no\\-pci \\-\\-vdev=net_tap0,iface=hf0 \\-\\- \\e\n"
	      "    \\-\\-cmdline\\-file web.conf \\-\\-auto\\-start \\-i\n.fi\n"
	      ".PP\nClient and server on two cores of this machine, without root:\n.PP\n.nf\n"
	      "handfast demo\n.fi\n"
	      ".SH SEE ALSO\n.BR handfast\\-commands (7)\n",
	        f);
}

static void
print_own_options(FILE *f, bool with_value)
{
	struct option_text t;

	for (unsigned i = 0; option_text(i, &t); i++) {
		if ((t.value != NULL) == with_value)
			fprintf(f, "--%s ", t.name);
	}
}

/* An option whose value is optional is in both tables; one entry ends in "=", and is left out.
 * The other one lists the option as a flag. */
static void
print_eal_options(FILE *f, bool with_value)
{
	const char *name;
	bool takes_value;

	for (unsigned i = 0; (name = eal_option_name(i, &takes_value)) != NULL; i++) {
		if (takes_value == with_value && strchr(name, '=') == NULL)
			fprintf(f, "--%s ", name);
	}
}

void
pages_completion(FILE *f)
{
	static const struct {
		const char *name;
		void (*print)(FILE *f, bool with_value);
		bool with_value;
	} lists[] = {
	        {"_handfast_own_flags", print_own_options, false},
	        {"_handfast_own_values", print_own_options, true},
	        {"_handfast_eal_flags", print_eal_options, false},
	        {"_handfast_eal_values", print_eal_options, true},
	};

	for (unsigned i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		fprintf(f, "%s='", lists[i].name);
		lists[i].print(f, lists[i].with_value);
		fputs("'\n", f);
	}
}
