# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Who may read: not root as such, but who may watch the whole machine.

test_only_the_capable_may_read() {
	start_perftop
	for file in "$PERFTOP" /proc/perftop.d/*; do
		"$HERE/abuse" powers "$file"
	done
}

# opens COMMAND ARGUMENT...: $file cannot be opened by $who, to read and to
# write, by the errors $expected.
opens() {
	equal "$("$HERE/abuse" "$@" "$file")" "$expected" "$file, $who"
}

# opened_by_members FILE ERRORS: by members, whose own group it is or another
# beside it; and not by others, nor by root of a container, be it one of a user
# namespace or one without capabilities.
opened_by_members() {
	file=$1 who="a member" expected=$2
	opens opens 1000 1000 998
	opens opens 1000 998 1000
	who="another" expected="13 13"
	opens opens 1000 1000 1000
	who="root of a container"
	opens contained
	"$HERE/abuse" powers "$file"
}

# Which tables show no stacks is known by what they print.
test_members_of_a_group_read_tables() {
	shown=
	start_perftop group=998 views=tasks,cpus,latency,inversion,exits,irqs,syscalls,faults
	equal "$(cat /sys/module/perftop/parameters/group)" 998 "the group"
	equal "$(stat -c '%a %u %g' /proc/perftop.d)" "550 0 998" "the folder"
	"$LOAD" fork 20
	"$LOAD" pingpong 500
	for file in "$PERFTOP" /proc/perftop.d/*; do
		if grep -qE '0x|ffffffff[0-9a-f]{8}' "$file"; then
			opened_by_members "$file" "13 13"
			shown="$shown $file"
		else
			opened_by_members "$file" "0 13"
		fi
	done
	equal "$shown" " $PERFTOP$(printf ' /proc/perftop.d/%s' \
		all.json folded stacks.json)" "what shows stacks"
}
