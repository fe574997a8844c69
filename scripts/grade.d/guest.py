# SPDX-License-Identifier: GPL-2.0
"""Take a submission through the plans of guest.sh, a fresh guest for each, and
keep what it printed and how each step ended."""

import os
import re
import secrets
import signal
import subprocess
import threading
import time
from collections import OrderedDict
from functools import cached_property

# A guest has hung if it has used so many seconds of CPU time and said nothing
# meanwhile (what it is to do takes a few, the boot about eight; while it goes
# on, there are beats), or has done neither for so long. It is slow if it goes on
# for CPU_MOST. Time on the wall says little on a busy machine: it is a limit,
# far off.
CPU = 25
CPU_SHORT = 15
CPU_MOST = 75
IDLE = 60
QUIET = 110
WALL = 280
SLOWER = {'12-kasan': 4}

STATUS = {
    120: 'the kernel panicked',
    121: 'the kernel reported an error',
    122: 'the guest went down',
    123: 'too slow: the guest was not done in its time, though it went on',
    124: 'the guest hung',
}

# Addresses are to be the same in every boot, and a CPU that hangs is to be
# named before the time is up. On a busy machine the boot's test of the timer
# may fail.
APPEND = 'nokaslr no_timer_check rcupdate.rcu_cpu_stall_timeout=15'
APPEND_PLAN = {
    # What %p makes of an address is seen in the other guests; here it is to
    # cost no more than itself.
    'load': ' no_hash_pointers',
    'unload': ' slub_debug=FZPU,kmalloc-*',
}

REPORT = re.compile(
    r'BUG[: ]|WARNING: |Oops|general protection fault|Kernel panic|'
    r'divide error|invalid opcode|double fault|[Uu]nable to handle|'
    r'(?:hard|soft) (?:LOCKUP|lockup)|detected stall|self-detected stall|'
    r'blocked for more than|kmemleak: \d+ new|UBSAN: |ODEBUG: |'
    r'list_(?:add|del) corruption|refcount_t: |Redzone overwritten|'
    r'Poison overwritten|stack-protector|leftover|scheduling while atomic|'
    r'sleeping function called')

# How a guest ends.
NOISE = re.compile(r'Preparing to enter system sleep|reboot: ')

MOST = 40 << 20

# What makes processes take so many times as long is slow.
SLOW = 4

# Why the kernel takes no module, and what it says of each that it takes.
WHY = re.compile(r'Unknown symbol|disagrees about version|version magic|'
                 r'exports duplicate|Invalid module format|overflow')
MODULE_NOTE = re.compile(r'out-of-tree module|module verification failed|'
                         r'module license')

# Steps that look and do nothing with the submission: one that does not end says
# that the machine is slow.
OWN = ('lines0', 'lines', 'log', 'validate', 'memory', 'kmemleak')


class Step:
    """What a step printed, and how it ended: status None if it did not."""

    def __init__(self, name, begin):
        self.name = name
        self.begin = begin
        self.end = None
        self.status = None
        self.text = ''
        self.size = 0

    @property
    def ok(self):
        return self.status == 0


class Run:
    """One guest."""

    def __init__(self, plan):
        self.plan = plan
        self.steps = OrderedDict()
        self.status = None
        self.said = ''
        self.log = ''
        self.file = '/proc/perftop'
        self.text_base = None
        self.where = None
        self.skipped = None
        self.omitted = None
        self.counted = True     # its clock counted instructions

    def step(self, name):
        return self.steps.get(name)

    def text(self, name):
        step = self.steps.get(name)
        return step.text if step else ''

    def ok(self, name):
        step = self.steps.get(name)
        return bool(step and step.ok)

    @property
    def open_step(self):
        """The step that began and did not end."""
        for step in self.steps.values():
            if step.status is None:
                return step.name
        return None

    @property
    def died(self):
        """The guest itself failed, with what a command's status cannot say."""
        return self.status in (120, 122, 123, 124)

    @cached_property
    def reports(self):
        """The kernel's reports. The log is complete by now."""
        return [line for line in self.log.split('\n') if REPORT.search(line)]

    def refused(self):
        """Why the first insmod failed, in words, or None. The kernel's own
        reason stands in its log alone."""
        step = self.step('load')
        if not step or step.status in (0, None, 124):
            return None
        said = step.text.strip() or 'status %d' % step.status
        log = self.text('log') if self.text('log').strip() else self.log
        lines = [tidy(line) for line in log.split('\n') if line.strip()]
        reasons = list(dict.fromkeys(
            line for line in lines if WHY.search(line)))
        if not reasons and 'unknown symbol' in said:
            # What insmod makes of ENOENT.
            said = 'its own init returned -ENOENT, as where a function that ' \
                'is to be probed is not there'
        if not reasons:
            reasons = [line for line in lines
                       if not MODULE_NOTE.search(line)][-1:]
        return 'insmod failed: ' + '; '.join(
            [', '.join(reasons)[:300]] * bool(reasons) + [said])

    def pace(self):
        """How many times as long a byte's way to and fro takes with the
        submission as without it."""
        ticks = [re.search(r'^ticks (\d+)', self.text(step), re.M)
                 for step in ('pace', 'users1')]
        return int(ticks[1].group(1)) / int(ticks[0].group(1)) \
            if all(ticks) else 0

    def trouble(self):
        """What went wrong with the guest, in words, or None."""
        if self.skipped:
            return self.skipped
        report = ': ' + tidy(self.reports[0]) if self.reports else ''
        if self.died:
            where = self.open_step
            return STATUS[self.status] + (
                ' (step "%s")' % where if where else '') + report
        hung = [s.name for s in self.steps.values()
                if s.status == 124 and s.name not in OWN]
        if hung:
            return 'step "%s" did not end%s' % (hung[0], report)
        if report:
            return 'the kernel reported' + report
        return None


def tidy(line):
    """A line of the log without what differs from run to run."""
    # The stamps of time and caller; lockdep's headlines are in brackets, too.
    line = re.sub(r'^\s*(\[\s*(\d+\.\d+|[TC]\d+)\]\s*)+', '', line.strip())
    line = re.sub(r'\b(PID|pid|Pid|CPU): ?\d+', r'\1', line)
    line = line.replace('/grade/tree/', '')
    return re.sub(r'\bfor \d+s!', 'for seconds!', line)


class Children:
    """Processes that must not outlive the grader."""

    def __init__(self):
        self.lock = threading.Lock()
        self.running = set()
        self.stopped = False

    def start(self, words, **options):
        with self.lock:
            if self.stopped:
                raise SystemExit(1)
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL,
                                       **options)
            self.running.add(process)
        return process

    def ended(self, process):
        """What one said that was stopped from outside is not to be judged."""
        with self.lock:
            self.running.discard(process)
            if self.stopped:
                raise SystemExit(1)

    def stop(self):
        """End all, and start no more."""
        with self.lock:
            self.stopped = True
            ending = list(self.running)
        for process in ending:
            process.terminate()
        for process in ending:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


class Guests:
    """How to run guests."""

    def __init__(self, root, kernel, files, children):
        self.root = root
        self.kernel = kernel
        self.files = files
        self.children = children

    def command(self, plan, module, mark, log, counted, extra):
        append = APPEND + APPEND_PLAN.get(plan, '')
        words = [str(self.root / 'scripts' / 'guest'), '-k', self.kernel,
                 '--no-module', '-t', str(WALL), '-A', append, '-l', str(log)]
        if plan == 'load':
            words += ['-i'] if counted else ['-c', '1']
        for path in self.files + extra + [module.path]:
            words += ['-a', str(path)]
        return words + ['--', 'sh', 'guest.sh', mark, plan, module.name]

    def run(self, plan, module, work, extra, short=False, counted=True):
        """A guest that dies before a submission is touched is tried again. The
        known load's clock counts instructions, if it is to be counted; extra
        files are there beside the module."""
        for _ in range(3):
            run = self.run_once(plan, module, work, extra, short, counted)
            if not run.died or run.step('load'):
                return run
        raise RuntimeError('the guest does not boot: ' + run.said)

    def run_once(self, plan, module, work, extra, short, counted):
        run = Run(plan)
        run.counted = counted
        mark = '@@' + secrets.token_hex(8)
        log = work / ('log-%s-%s' % (module.name, plan))
        out = work / ('out-%s-%s' % (module.name, plan))
        limit = (CPU_SHORT if short else CPU) * SLOWER.get(self.kernel, 1)
        with open(out, 'wb') as stdout, \
                open(work / 'said', 'w+b') as stderr:
            process = self.children.start(
                self.command(plan, module, mark, log, counted, extra),
                stdout=stdout, stderr=stderr)
            ended = watch(process, out, limit)
            self.children.ended(process)
            stderr.seek(0)
            run.said = stderr.read(100000).decode(errors='replace')
        run.status = ended or process.returncode
        with open(out, 'rb') as stdout:
            parse(run, stdout.read(MOST).decode(errors='replace'), mark)
        if log.exists():
            run.log = after_boot(read_most(log), mark)
        if run.status == 125:
            raise RuntimeError('scripts/guest failed: ' + run.said)
        return run


def descendants(pid):
    """Processes below one."""
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        try:
            with open('/proc/%d/task/%d/children' % (pid, pid)) as children:
                below = [int(word) for word in children.read().split()]
        except OSError:
            below = []
        found += below
        todo += below
    return found


def emulator(pid):
    """The emulator below a process, and the seconds of CPU it has used."""
    for below in descendants(pid):
        try:
            with open('/proc/%d/stat' % below) as stat:
                name, rest = stat.read().rsplit(')', 1)
        except OSError:
            continue
        if 'qemu' in name:
            words = rest.split()
            return below, (int(words[11]) + int(words[12])) / \
                os.sysconf('SC_CLK_TCK')
    return None, 0


def watch(process, out, limit):
    """Wait for a guest; end its emulator if it has hung or takes too long, and
    return the status that says so."""
    size, since, used = -1, time.monotonic(), 0
    while True:
        try:
            process.wait(1)
            return None
        except subprocess.TimeoutExpired:
            pass
        pid, seconds = emulator(process.pid)
        if out.stat().st_size != size:
            size, since, used = out.stat().st_size, time.monotonic(), seconds
        idle = time.monotonic() - since > IDLE and seconds - used < 2
        quiet = time.monotonic() - since > QUIET * limit / CPU
        hung = seconds - used > limit or idle or quiet
        if pid and (hung or seconds > CPU_MOST * limit / CPU):
            os.kill(pid, signal.SIGKILL)
            process.wait()
            return 124 if hung else 123


def read_most(path):
    with open(path, 'rb') as file:
        return file.read(MOST).decode(errors='replace')


def after_boot(log, mark):
    """The log from the submission's insmod on: what came before is no concern
    of its."""
    lines = log.split('\n')
    marked = [i for i, line in enumerate(lines) if mark in line]
    if marked:
        lines = lines[marked[0] + 1:]
    return '\n'.join(line for line in lines if mark not in line and
                     not NOISE.search(line))


def parse(run, text, mark):
    """Take a transcript apart."""
    step = None
    lines = []
    for line in text.split('\n'):
        words = line.split()
        if not line.startswith(mark):
            lines.append(line)
        elif words[1] == 'beat':
            pass
        elif words[1] == 'begin':
            step = Step(words[2], int(words[3]))
            run.steps[step.name] = step
            lines = []
        elif words[1] == 'end' and step:
            step.status, step.end = int(words[3]), int(words[4])
            step.size = int(words[5])
            step.text = '\n'.join(lines).rstrip('\n') + '\n'
            if step.name == 'log':
                step.text = after_boot(step.text, mark)
        elif words[1] == 'name':
            run.file = words[2]
        elif words[1] == 'text':
            run.text_base = int(words[2], 16)
        elif words[1] == 'where':
            run.where = ' '.join(words[2:])
    if step and step.status is None:
        step.text = '\n'.join(lines)


PLANS = ('read', 'load', 'unload')


def not_counted(guests, module, work, extra, hung):
    """Whoever takes longer for a switch than the timer leaves never comes to
    anything where an instruction is a nanosecond, as no real one is: by the
    machine's own clock it may be but slow. That run, then, if it shows so."""
    run = guests.run('load', module, work, extra, counted=False)
    return run if not run.died and run.pace() >= SLOW else hung


def run_all(guests, module, work, omit=(), extra=()):
    """All plans but those left out. One that hangs takes time from those after
    it, and one that hangs or panics while it loads is not tried a third time."""
    runs = OrderedDict()
    fatal = 0
    short = False
    for plan in PLANS:
        if plan in omit:
            run = Run(plan)
            run.omitted = 'not run: the folder has many modules'
        elif fatal > 1:
            run = Run(plan)
            run.skipped = 'not run: it brought two guests down while it was ' \
                'being loaded'
        else:
            run = guests.run(plan, module, work, list(extra), short)
            if plan == 'load' and run.status in (123, 124) and \
                    not runs['read'].died:
                run = not_counted(guests, module, work, list(extra), run)
            if run.status == 124:
                short = True
            if run.died and run.open_step == 'load':
                fatal += 1
        runs[plan] = run
    return runs
