# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Who may read: not root as such, but who may watch the whole machine.

test_only_the_capable_may_read() {
	start_perftop
	for file in "$PERFTOP" /proc/perftop.d/*; do
		"$HERE/abuse" powers "$file"
	done
}
