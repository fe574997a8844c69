// SPDX-License-Identifier: GPL-2.0
/*
 * Whether libjansson takes files, and no name twice in an object: says which of them
 * it does not.
 */
#include <jansson.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	json_error_t error;
	int i, bad = 0;
	json_t *json;

	for (i = 1; i < argc; i++) {
		json = json_load_file(argv[i], JSON_REJECT_DUPLICATES, &error);
		if (!json) {
			printf("%s:%d: %s\n", argv[i], error.line, error.text);
			bad = 1;
		}
		json_decref(json);
	}
	return bad;
}
