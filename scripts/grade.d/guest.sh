#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In the guest: take a submission through one of the plans below, and say of
# each step when it began, what it printed, and how it ended. What has not ended
# when the guest is gone has hung, or has brought it down.
#
# Usage: guest.sh MARK PLAN FILE, with FILE.ko, grade_user, for the plan load
# grade_load.ko, and perhaps grade_exports.ko in the current directory. Lines
# that begin with MARK are of this script; nobody else knows the word.

set -u
mark=$1
plan=$2
file=$3
module=$(echo "$file" | tr -- - _)
name=/proc/perftop

# How much of an output is passed on.
most=300000

# step NAME SECONDS COMMAND...: while it runs, a beat now and then says that the
# guest goes on.
step() {
	step=$1
	echo "$mark begin $step $(./grade_user tsc)"
	shift
	./grade_user run "$mark beat" "$@" 3>&1 >/tmp/out 2>&1
	status=$?
	head -c "$most" /tmp/out
	echo
	echo "$mark end $step $status $(./grade_user tsc) $(wc -c </tmp/out)"
	return $status
}

# What the submission has added to /proc, if not what was asked for.
find_name() {
	[ -e "$name" ] && return
	for found in $(cd /proc && find . -maxdepth 2 -type f -user root \
	    ! -path './[0-9]*' ! -path './self*' ! -path './thread-self*'); do
		grep -qxF "$found" /tmp/before && continue
		name=/proc/${found#./}
		echo "$mark name $name"
		return
	done
}

list_proc() {
	(cd /proc && find . -maxdepth 2 -type f ! -path './[0-9]*') >/tmp/before
}

# The kernel's log is read from here on.
load() {
	echo "<1>$mark insmod" >/dev/kmsg
	step "$1" 20 insmod "$file.ko" || return
	find_name
}

read_it() {
	step "$1" 20 cat "$name"
}

unload() {
	step "$1" 30 rmmod "$module"
}

# What is left of a submission when it is unloaded.
left() {
	step "$1" 20 sh -c "[ ! -e $name ] || echo file $name
		grep -q '^$module ' /proc/modules && echo module $module
		sed 's/^/kprobe /' /sys/kernel/debug/kprobes/list"
}

log() {
	step lines 20 sh -c 'dmesg | wc -l'
	step log 20 dmesg
}

# --- Plans -----------------------------------------------------------------

plan_read() {
	load load && {
		read_it read1
		read_it read2
		read_it read3
		unload unload && left left
		load reload && read_it reread
		unload reunload
	}
	log
}

known() {
	step "threads$1" 30 sh -c 'echo run >/proc/grade_load'
	step "users$1" 30 ./grade_user pong 150 100000
	step "crowd$1" 30 ./grade_user crowd
	step "known$1" 10 cat /proc/grade_load
}

plan_load() {
	step prepare 10 insmod grade_load.ko
	echo "$mark text $(cat /sys/module/grade_load/sections/.text)"
	step pace 30 ./grade_user pong 150 100000
	load load && {
		read_it before
		known 1
		read_it after1
		known 2
		read_it after2
		unload unload && load reload && read_it reread
	}
	log
}

read_on() {
	while [ -e /tmp/disturb ]; do
		cat "$name" >/dev/null 2>&1
	done
}

# A reader that is always in the middle, and a load that is always there.
disturb() {
	echo 0 >/tmp/disturb
	read_on &
	read_on &
	while [ -e /tmp/disturb ]; do
		./grade_user pong 200 10
	done >/dev/null 2>&1 &
}

# Where the caches keep the names of who has allocated, which is one file since
# 5.14 and was another before: what is there that code allocated which is no
# longer loaded.
# shellcheck disable=SC2016
memory() {
	step "$1" 20 sh -c 'for cache in /sys/kernel/slab/kmalloc-*; do
			cache=${cache##*/}
			for file in debug/slab/$cache/alloc_traces \
			    slab/$cache/alloc_calls; do
				[ ! -e /sys/kernel/$file ] ||
					sed "s|^|$cache |" /sys/kernel/$file
			done
		done | grep -E "^[^ ]+ +[0-9]+ (0xffffffff[c-f]|.*\[$0\])"
		sed "s/^/vmalloc /" /proc/vmallocinfo |
		    grep -E "^vmalloc [^ ]+ +[0-9]+ 0xffffffff[c-f]"
		ls /sys/kernel/slab >/tmp/slab-after
		diff /tmp/slab /tmp/slab-after | sed -n "s/^+\([^+]\)/cache \1/p"
		true' "$module"
}

# Look for what was written beyond an object, or after it was freed.
# shellcheck disable=SC2016
validate() {
	step validate 20 sh -c 'for cache in /sys/kernel/slab/kmalloc-*; do
			echo 1 >$cache/validate
		done 2>/dev/null; true'
}

kmemleak() {
	[ -e /sys/kernel/debug/kmemleak ] || return
	step kmemleak 60 sh -c 'sleep 6; echo scan >/sys/kernel/debug/kmemleak
		sleep 6; echo scan >/sys/kernel/debug/kmemleak
		head -n 60 /sys/kernel/debug/kmemleak'
}

plan_unload() {
	ls /sys/kernel/slab >/tmp/slab
	load load && {
		grep "^$module " /proc/modules >/tmp/modules
		echo "$mark where $(cat /tmp/modules)"
		disturb
		sleep 1
		validate
		unload unload
		for round in 1 2 3 4; do
			load "load$round" || break
			sleep 0.2
			unload "unload$round" || break
		done
		rm -f /tmp/disturb
		sleep 0.5
		left left
		memory memory
		kmemleak
	}
	log
}

# What a submission says to the log is not to slow it down; reports still show.
echo N >/sys/module/printk/parameters/ignore_loglevel
dmesg -n 5
[ ! -e grade_exports.ko ] || insmod grade_exports.ko
list_proc
step lines0 20 sh -c "dmesg | wc -l"
"plan_$plan"
echo "$mark done"
