/* SPDX-License-Identifier: BSD-3-Clause */
/* The name of the machine's CPU. */
#include <criterion/criterion.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "load/run/cpu.h"

static char name[96];

static const char *
name_from(const char *cpuinfo)
{
	FILE *f = fmemopen((char *)(uintptr_t)cpuinfo, strlen(cpuinfo), "r");

	cpu_name(f, name, sizeof(name));
	fclose(f);
	return name;
}

Test(cpu_name, x86_says_it)
{
	cr_expect_str_eq(name_from("processor\t: 0\nmodel\t\t: 17\nmodel name\t: AMD EPYC\n"
	                           "stepping\t: 1\n\nprocessor\t: 1\nmodel name\t: other\n"),
	        "AMD EPYC");
}

Test(cpu_name, arm64_has_numbers)
{
	cr_expect_str_eq(name_from("processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\n"
	                           "CPU implementer\t: 0x41\nCPU architecture: 8\n"
	                           "CPU part\t: 0xd0c\n"),
	        "arm64, implementer 0x41, part 0xd0c");
}

Test(cpu_name, a_board_is_named)
{
	cr_expect_str_eq(name_from("CPU implementer\t: 0x41\nCPU part\t: 0xd08\n\n"
	                           "Model\t\t: Raspberry Pi 4 Model B Rev 1.4\n"),
	        "Raspberry Pi 4 Model B Rev 1.4");
}

Test(cpu_name, nothing_known)
{
	cr_expect_str_eq(name_from("model name\n:\n"), "unknown");
	cpu_name(NULL, name, sizeof(name));
	cr_expect_str_eq(name, "unknown");
}

/* Characters that do not fit are cut off. */
Test(cpu_name, a_long_one)
{
	char line[400] = "model name : ";
	char small[8];
	FILE *f;

	memset(line + strlen(line), 'x', 300);
	f = fmemopen(line, strlen(line), "r");
	cpu_name(f, small, sizeof(small));
	cr_expect_str_eq(small, "xxxxxxx");
	fclose(f);
}
