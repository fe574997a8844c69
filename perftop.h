/* SPDX-License-Identifier: GPL-2.0 */
/*
 * perftop: which call stacks did the CPUs' time go to?
 *
 * THE WAY OF ONE SWITCH
 *
 *   task A leaves CPU n                             cat /proc/perftop
 *     pick    find the row of A's stack    (1)        cut every CPU      (4)
 *     finish  now - start -> that row      (2)        drain              (3)
 *             start = now                             copy the top rows
 *                      |                                    |
 *          CPU n's shard, bank 0 | 1  --- drain (3) --> records, rb-tree
 *
 *   (1) perftop_switch_pick()    switch/switch.h: hot path
 *       perftop_stack_row()      switch/stack_row.c: an unwind that is
 *                                remembered leads to its row (switch/recall.h),
 *                                one that is not is made (stack.c), and its key
 *                                looked up (hash.c)
 *   (2) perftop_switch_finish()  switch/switch.h: hot path
 *   (3) perftop_table_drain()    hash.c, rbtop.c: process context, each second
 *                                and at each read (engine/drain.c)
 *   (4) perftop_slice_cut()      switch/slice_cut.c: on each CPU, for a read; the
 *                                slices that are open become rows of that
 *                                snapshot (proc/take_snapshot.c)
 *
 * A hook is a way to see switches (switch/hook_*.c): two kprobes and a third for
 * the finish, or one tracepoint, where (1) and (2) are one, perftop_switch(). A
 * view declares what its rows and columns are (views/); some have a table of their
 * own, and are shown each slice that ends while they are on (switch/slice_views.c).
 * Text and JSON are made from that (proc/), and what there is to be said of it
 * (proc/declarations.c).
 *
 * THE HOUSE
 *
 * A file knows nothing but what stands in front of it here, be it by an include or
 * by a symbol; scripts/check holds this list against both.
 *
 *   compat/compat engine/words engine/params       - kernels; words; parameters
 *   switch/symbol switch/kernel_text               - functions and text, by address
 *   switch/ftrace_guard switch/tracepoint_probe    - what probes need
 *   proc/print_names engine/column engine/octave   - names; what columns are
 *   engine/table rbtop engine/merged_records hash  - the table: hash.c has shards
 *   engine/accounts engine/event_log               - where all time is; sequences
 *   engine/user_maps switch/exit_mmap              - files of user addresses
 *   engine/task engine/task_state                  - tasks; what is kept of them
 *   engine/call_names engine/event_sources         - system calls; what spans are of
 *   switch/cpu_spans switch/cpu switch/recall      - a CPU's own; known unwinds
 *   switch/stack_key switch/user_stack stack       - stacks, made keys
 *   switch/stack_row                               - the row of a stack
 *   engine/filter switch/slice switch/slice_views  - slices; for filters and views
 *   switch/slice_cut                               - the cut of a CPU
 *   switch/switch switch/hook_ops                  - a switch; a way to see it
 *   switch/hook_kprobe switch/hook_tracepoint      - the two ways
 *   switch/hook_select                             - the one that is taken
 *   engine/drain engine/open_waits                 - shards to records; the cut
 *   engine/view                                    - what a view is
 *   engine/interrupts engine/calls                 - spans: interrupts, system calls
 *   proc/snapshot proc/cpu_lines proc/log_rows     - what a reader sees
 *   proc/histogram proc/rows proc/take_snapshot    - and how it is got
 *   proc/values proc/print                         - numbers, and the header
 *   proc/json proc/frame_numbers proc/print_frames - stacks
 *   proc/print_folded proc/print_histogram         - and as text of their own
 *   proc/print_columns                             - rows as text
 *   proc/origin proc/header_columns proc/print_json   - and as JSON
 *   proc/declarations                              - what there is
 *   views/...                                      - none knows another
 *   views/all proc/files perftop                   - their list; files; the start
 *
 * ON THE DATA STRUCTURES
 *
 * Everything perftop knows is a table: key -> counters. A table has two
 * halves, one that is cheap to add to and one that is good to read.
 *
 * The shards. Each CPU has one shard a table, and is the only one to add to
 * it. A shard holds *keys* and *rows*:
 *
 *   key    stored once, under an index that stays the same while it lives.
 *          Open addressing finds it; the hash chooses where to look, the
 *          whole key decides.
 *   row    the counters of that index: a stamp, then one u64 a counter.
 *          A row is in use exactly if its stamp is not 0.
 *   bank   all rows, and the list of those in use. There are two banks; the
 *          CPU adds to the one that perftop_cpu.bank names, the drain empties
 *          the other.
 *   generation
 *          half of the keys. When the generation that takes new keys is half
 *          full, the drain retires the other one, which holds the keys of
 *          long ago: lookups pass over it, two drains later nothing refers to
 *          it, it is emptied and takes new keys. A CPU whose shard is half
 *          full asks for that at once (irq_work). So processes that come and
 *          go do not fill a shard for ever. A key that was forgotten and
 *          returns is stored again and merges into the record it had.
 *
 * Whose time. A key is a stack and an owner: a process, or a kernel thread
 * (perftop_task_owner()), and the address space that user frames are of. The
 * owner is noted when a task arrives, since a thread that has been reaped knows
 * its process no more when it leaves for the last time. All rows of an owner are
 * printed under one name, the one that was seen last in any of them (proc/rows.c).
 *
 * The first indexes are reserved rows without a key (enum perftop_account): time
 * that no key could be had for is charged there, never dropped.
 *
 * The records. One merged table for all CPUs: jhash buckets, each record with
 * its key, its counters, and its place in an rb-tree ordered by one of them.
 *
 * Merging follows each counter's rule: sum, max, or, and last, the value of
 * the row with the later stamp. Stamps of different CPUs are compared for
 * nothing but which task was seen last.
 *
 * Remembered unwinds. Each CPU remembers how the unwinds that it made are to be
 * recognised, and which rows they led to. Modules that come and go end what is
 * remembered of code, rows that the drain retires what is remembered of rows:
 * each has a number, the CPU's (perftop_cpu.era) and that of what it remembers,
 * and they are compared.
 *
 * No symbol is searched for at a switch. What needs one is asked for, and
 * answered by the drain (switch/kernel_text.c): which code lasts, and where a function
 * begins. Until that is known an address stands in a key for the function that
 * an interrupt struck there, and the drain makes one of such keys.
 *
 * What user addresses are called is asked of the kernel at a read, while their
 * address space is there. When one ends that has rows, its executable mappings
 * are kept (switch/exit_mmap.c, engine/user_maps.c).
 *
 * All memory is taken at load, or when a view is switched on, a CPU's when it
 * comes online (perftop_table_init() states the formula). What a table that is full
 * holds is given up, the lowest first, for what is new (engine/merged_records.c).
 *
 * NOTES ON LOCKING
 *
 * Hot path (all that a hook's handlers reach): runs under the run-queue lock
 * with interrupts off, takes no lock, writes nothing but its own CPU's
 * perftop_cpu, shards and memory of unwinds, and where views are on the slot of
 * the task that leaves (struct perftop_state). The other side of each access:
 *
 *   perftop_cpu.bank   flipped by the CPU itself with interrupts off (a cut, or
 *                      a drain that it has asked for), or by the periodic
 *                      drain, which then waits for a grace period until no
 *                      hot path that saw the old value is still running; who
 *                      comes before that is over interrupts each CPU instead.
 *   perftop_cpu.flips  written behind the bank. Who remembers where rows are in a bank
 *                      (engine/event_sources.h, engine/calls.c) reads it before that.
 *   perftop_cpu.spans  the CPU's own, with interrupts off; others, while it is offline
 *                      or no probe runs. What is lost is read and cleared from afar.
 *   a slot's call      written by the task itself, on whatever CPU; a reset moves its
 *                      beginning with cmpxchg(), so that one that has ended stays so.
 *   the idle bank      owned by whoever holds perftop_lock.
 *   generation.live    cleared and set by the drain, read by the hot path;
 *                      between the two lie two drains, each with such a wait.
 *   generation.keys, .used, shard.current_gen
 *                      written by the CPU, read by others with READ_ONCE.
 *   the counts of captures and steps in perftop_cpu
 *                      likewise, and one instruction counts: data_race().
 *   tasks that wait, and their slots
 *                      read by who collects waits, while they may get a CPU and
 *                      leave it: data_race(). A wait may be another one then.
 *   perftop_cpu.views  set by the CPU itself with interrupts off (a cut), or
 *                      under perftop_lock while it is offline.
 *   shard.epoch        changed by the drain when it retires a generation: a row
 *                      that was remembered before is looked up anew.
 *   perftop_cpu.era    one half written by the drain, the other by the module
 *                      notifier. A row that was remembered before is charged
 *                      before the second drain after it was retired.
 *   perftop_maps_noted
 *                      one word that all CPUs may write to, once in the life of
 *                      an address space, when its first key is looked up.
 *   what is known of text
 *                      written under text_lock (switch/kernel_text.c), a word at a time.
 *
 * perftop_lock (mutex): the merged tables, the idle banks, the sums a CPU,
 *   cuts, resets. Process context only. It is held for what is short: what takes
 *   long, a drain of many rows or the copy of a table, goes on in pieces, and who
 *   comes in between ends what was begun (engine/drain.c), and begins the copy for
 *   a reader whose cut it was, or finds it as it was, since what is about to change
 *   is copied first (engine/merged_records.c).
 * The raw spinlock of engine/user_maps.c is the innermost; it is taken where an
 *   address space ends, and never in an interrupt.
 * cpus_read_lock() is taken before perftop_lock, never inside it, and held for the
 *   cut alone, but where others do not cease to begin something before it; text_lock
 *   is taken inside of it, or alone.
 * The mutex of what is written to the files (proc/files.c) comes before both:
 *   static keys, tracepoints, memory of views, and whom switch/slice_views.c shows
 *   slices change under it alone.
 */
#ifndef PERFTOP_H
#define PERFTOP_H

#include <linux/types.h>

#ifdef pr_fmt
#undef pr_fmt
#endif
#define pr_fmt(fmt) "perftop: " fmt

/*
 * The hot path is marked __kprobes: nobody's kprobe may be set on it, nor may
 * it be traced, or a switch could be seen while one is being seen.
 */

/*
 * Ticks of all CPUs together: in 64 bits they wrap after 195 CPU-years (139 days
 * of 512 CPUs).
 */
#define perftop_wide	unsigned __int128

#endif /* PERFTOP_H */
