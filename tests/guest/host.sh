# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What starts tests in guests, on the host: building, boots, several at a time,
# and their verdicts. To be sourced by a script that has set here to its own
# directory, where its test-*.sh are.

guest_tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../../scripts/lib.sh
. "$guest_tests/../../scripts/lib.sh"

kernels=()		# wanted; kernel is the one at hand
module=			# a perftop.ko in place of the tree's
parameters=${PARAMETERS-}
add=()			# more options of scripts/guest
variables=()		# of the environment, handed on where they are set
limit=3600		# seconds a guest, where the host has other work too
failed=0
all_views=views=processes,tasks,cpus,latency,inversion,exits,irqs,syscalls,faults

is_debug_kernel() {
	case $kernel in
	*-kasan | *-kcsan) ;;
	*) false ;;
	esac
}

# Every function is to be a frame, and have one where there are any.
build_load() {
	local flags=(-O1 -Wall -Wextra -Wno-unused-parameter -static -fno-pie
		     -no-pie -fno-inline -fno-optimize-sibling-calls)

	gcc "${flags[@]}" -fno-omit-frame-pointer -o "$1/load" "$guest_tests/load.c"
	gcc "${flags[@]}" -fomit-frame-pointer -o "$1/load-nofp" "$guest_tests/load.c"
	nm -S --defined-only "$1/load" >"$1/load.names"
	gcc "${flags[@]}" -o "$1/calls" "$guest_tests/calls.c" -lpthread
}

# What all guests have in /root/tests: with the tests of the script that asks.
build_tests() {
	need_command gcc gcc
	need_command xz xz-utils
	need libc6-dev
	mkdir "$tmp/tests"
	build_load "$tmp/tests"
	cp "$guest_tests/run" "$guest_tests/lib.sh" \
	    "$guest_tests/reports.awk" "$here"/test-*.sh "$tmp/tests/"
}

# build_all KERNEL: what its guests have in /root/tests.
build_all() {
	local dir=$tmp/$1 dummy helper modules

	cp -r "$tmp/tests" "$dir"
	mapfile -t modules < <("$root/scripts/kernel" --modules \
	    --build "$guest_tests" "$1")
	[ "${#modules[@]}" = 2 ] || exit 1
	helper=${modules[1]}
	cp "$helper" "$dir"
	if is_debug_kernel; then
		cp "$guest_tests/watch.sh" "$dir/test-watch.sh"
	fi
	# A module of the kernel's own that does nothing.
	dummy=${modules[0]}/kernel/drivers/net/dummy.ko
	if [ -e "$dummy" ]; then
		cp "$dummy" "$dir"
	else
		xz -dc "$dummy.xz" >"$dir/dummy.ko"
	fi
}

# --- Guests ----------------------------------------------------------------

# Those to run, by number, and their kernels.
guests=()
kernel_of=()

# guest CPUS WORD TEST...: one boot, to be run by run_guests.
guest() {
	local name run=(env) number=${#guests[@]}
	local options=(-k "$kernel" -A "$2" -t "$limit"
		       -a "$tmp/$kernel:/root/tests")

	guests+=("$kernel, CPUs $1${2:+, $2}${parameters:+, $parameters}")
	kernel_of+=("$kernel")
	if [ "$1" = icount ]; then
		options+=(-i)
		run+=(PERCENT=1 EACH_US=5)
	else
		options+=(-c "$1")
	fi
	for name in "${variables[@]}"; do
		[ -z "${!name-}" ] || run+=("$name=${!name}")
	done
	[ -z "$parameters" ] || run+=(PARAMETERS="$parameters")
	[ -z "$module" ] ||
		options+=(--no-module -a "$module:/root/perftop.ko")
	case $kernel in
	# It has reports of its own, which reports.awk tells apart; and races
	# want CPUs that run at the same time.
	*-kcsan)	options+=(-m 1024 --allow-reports --parallel
				  -l "$tmp/log.$number") ;;
	*-kasan)	options+=(-m 1536) ;;
	esac
	options+=("${add[@]}")
	shift 2
	printf '%s\n' "${options[@]}" -- "${run[@]}" tests/run "$@" \
		>"$tmp/guest.$number"
}

# start_guest NUMBER
start_guest() {
	local words

	mapfile -t words <"$tmp/guest.$1"
	"$root/scripts/guest" "${words[@]}" >"$tmp/ktap.$1" 2>"$tmp/error.$1" &
	children[$1]=$!
}

# One for each of this machine's CPUs at a time: most guests keep one busy, and
# those whose CPUs are to meet all of them. What they say comes in their order.
run_guests() {
	local number pid next=0 shown=0 status ended=() most

	while [ "$shown" -lt "${#guests[@]}" ]; do
		most=$(nproc)
		case ${kernel_of[shown]} in
		*-kcsan)	most=1 ;;
		esac
		while [ "$next" -lt "${#guests[@]}" ] &&
		    [ "${#children[@]}" -lt "$most" ]; do
			start_guest "$next"
			next=$((next + 1))
		done
		status=0
		wait -n -p pid "${children[@]}" || status=$?
		for number in "${!children[@]}"; do
			[ "${children[number]}" != "$pid" ] || break
		done
		unset "children[$number]"
		ended[number]=$status
		while [ -n "${ended[shown]-}" ]; do
			show_guest "$shown" "${ended[shown]}"
			shown=$((shown + 1))
		done
	done
}

# may_be_chance NUMBER STATUS NAME...: have these tests failed where no other has,
# and has their kernel reported nothing? What a test says of all before it is none.
may_be_chance() {
	[ $# -gt 2 ] && [ $# -le 4 ] && [ "$2" = 1 ] && keeps_plan "$1" &&
	    [ "${guests[$1]%, once more}" = "${guests[$1]}" ] &&
	    ! grep -q "^# the kernel's log has a report" "$tmp/ktap.$1" &&
	    ! printf 'test_%s()\n' "${@:3}" |
		grep -qFf - "$guest_tests/watch.sh"
}

# run_once_more NUMBER STATUS: an emulated machine may stop for seconds at any
# instruction. Where that may have made a test fail, or two, a guest of their own
# decides. Both runs are shown, and what was unsteady is told at the end, for it
# is to be mended.
run_once_more() {
	local names plan ran next=${#guests[@]}

	mapfile -t names < <(sed -n 's/^not ok [0-9]* //p' "$tmp/ktap.$1")
	may_be_chance "$@" "${names[@]}" || return 0
	sed "/^tests\/run\$/q; s|^$tmp/log\.$1\$|$tmp/log.$next|" \
	    "$tmp/guest.$1" >"$tmp/guest.$next"
	printf '%s\n' "${names[@]}" >>"$tmp/guest.$next"
	kernel_of+=("${kernel_of[$1]}")
	guests+=("${guests[$1]}, once more")
	sed -i 's/^not ok [0-9]* /# unsteady: /' "$tmp/ktap.$1"
}

# show_guest NUMBER STATUS: of a guest that has ended.
show_guest() {
	run_once_more "$1" "$2"
	echo "# guest: ${guests[$1]}"
	cat "$tmp/ktap.$1"
	cat "$tmp/error.$1" >&2
	cat "$tmp/ktap.$1" >>"$tmp/ktap-${kernel_of[$1]}"
	judge "$1" "$2" || failed=1
	judge_log "$1" || failed=1
}

# judge_log NUMBER: where reports are no failure of the guest's, those that
# count are to be looked for in all of its log.
judge_log() {
	local log=$tmp/log.$1 reports=(awk -f "$guest_tests/reports.awk")

	[ -e "$log" ] || return 0
	"${reports[@]}" -v own=1 "$log" | sort | uniq -c |
	    sed 's/^/# the kernel'"'"'s own: /'
	"${reports[@]}" "$log" >"$tmp/reports"
	[ -s "$tmp/reports" ] || return 0
	sed 's/^/# /' "$tmp/reports"
	echo "not ok - the guest's log has reports" |
	    tee -a "$tmp/ktap-${kernel_of[$1]}"
	return 1
}

# keeps_plan NUMBER
keeps_plan() {
	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$tmp/ktap.$1")
	ran=$(grep -cE '^((not )?ok [0-9]|# unsteady: )' "$tmp/ktap.$1")
	[ "$plan" = "$ran" ]
}

# judge NUMBER STATUS: the plan must have been kept: a guest that dies says no
# "not ok".
judge() {
	local plan ran

	keeps_plan "$1" || {
		echo "not ok - $ran of ${plan:-unplanned} tests ran" |
			tee -a "$tmp/ktap-${kernel_of[$1]}"
		return 1
	}
	[ "$2" = 0 ] || say "the guest's status is $2"
	! grep -q '^not ok' "$tmp/ktap.$1" &&
	    { [ "$2" = 0 ] || grep -q '^# unsteady: ' "$tmp/ktap.$1"; }
}
