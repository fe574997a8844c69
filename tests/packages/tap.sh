# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Tests on the host that print TAP: each function test_NAME of a script, in the
# order in which they stand there. To be sourced.

# shellcheck source-path=SCRIPTDIR source=../../scripts/lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

# shellcheck disable=SC2034
version=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$root/packaging/debian/changelog")

# copy_tree TO: what git has, as somebody has it who has cloned it.
copy_tree() {
	mkdir -p "$1"
	(cd "$root" && tar -c --exclude-vcs .) | tar -x --no-same-owner -C "$1"
	make -s -C "$1" clean
}

fail() {
	echo "$*"
	exit 1
}

# equal A B WHAT
equal() {
	[ "$1" = "$2" ] || fail "$3: $1, expected $2"
}

# Whether a test has failed; for who sources this.
failed=0

# run_tests: all. What a test prints is shown if it fails. It is not to be part
# of a condition, where bash does not end a test at a command that fails.
run_tests() {
	local name names number=0 status verdict

	mapfile -t names < <(sed -n 's/^test_\([a-z0-9_]*\)() {$/\1/p' "$0")
	echo "1..${#names[@]}"
	for name in "${names[@]}"; do
		number=$((number + 1))
		verdict=ok
		set +e
		(set -e; trap - EXIT; "test_$name") >"$tmp/said" 2>&1
		status=$?
		set -e
		[ "$status" = 0 ] || {
			verdict='not ok'
			# shellcheck disable=SC2034
			failed=1
			sed 's/^/# /' "$tmp/said"
		}
		echo "$verdict $number - $name"
	done
}
