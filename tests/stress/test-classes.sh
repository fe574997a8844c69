# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# Loads of others' making: stress-ng's that have to do with tasks, and
# hackbench. After each of them every switch is accounted for.

: "${CLASS_SECONDS:=5}"

# class NAME: two of them, for $CLASS_SECONDS.
class() {
	stress-ng --help | grep -q -e " --$1 " ||
		skip "this stress-ng has no class $1"
	start_perftop
	begin_bracket
	stress-ng --"$1" 2 --timeout "$CLASS_SECONDS" --temp-path /tmp \
		>"$WORK/stress-ng" 2>&1 || fail "$(cat "$WORK/stress-ng")"
	sound "$1"
}

test_stress_ng_switch() { class switch; }
test_stress_ng_yield() { class yield; }
test_stress_ng_fork() { class fork; }
test_stress_ng_clone() { class clone; }
test_stress_ng_exec() { class exec; }
test_stress_ng_pthread() { class pthread; }
test_stress_ng_futex() { class futex; }
test_stress_ng_sleep() { class sleep; }
test_stress_ng_schedpolicy() { class schedpolicy; }
test_stress_ng_affinity() { class affinity; }
test_stress_ng_prio_inv() { class prio-inv; }
test_stress_ng_zombie() { class zombie; }
test_stress_ng_mmapfork() { class mmapfork; }

test_hackbench() {
	start_perftop
	begin_bracket
	for way in "-p" "-s 100" "-T" "-T -p"; do
		# shellcheck disable=SC2086
		hackbench $way -g 2 -l "$((CLASS_SECONDS * 10))" \
			>"$WORK/hackbench" 2>&1 || fail "$(cat "$WORK/hackbench")"
	done
	sound hackbench
}
