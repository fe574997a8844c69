# SPDX-License-Identifier: GPL-2.0
"""Judge what a submission did: one function for each check of the rubric.

Nothing is guessed: a check that the output does not decide says so, and a
check for which there is no output says what became of the guest.
"""

import re
from collections import namedtuple

import guest
import read
import rubric
from subject import (TRACER, Unit, column, counts, falls, few, hashed_frame,
                     kernel_frames, near, of_tasks, share, sum_of, times, whole)

PASS, FAIL, UNCLEAR = 'pass', 'fail', 'not decidable'
Result = namedtuple('Result', 'check verdict why')


# --- Checks -----------------------------------------------------------------
# Each returns (verdict, why).

def check_hello(s):
    texts = [s.reading.text('read%d' % i) for i in (1, 2, 3)]
    said = [bool(re.search(r'hello[\W_]*world', t, re.I)) for t in texts]
    if all(said):
        return PASS, 'all three reads say it'
    if not any(t.strip() for t in texts):
        return FAIL, s.nothing('read')
    return FAIL, '%d of three reads say it; the first says "%s"' % (
        sum(said), texts[0].strip()[:60])


def by_shape(text):
    """Shape of a line -> its numbers; of lines alike, the first."""
    found = {}
    for line in text.split('\n'):
        line = read.Line(line, frozenset())
        if line.numbers:
            found.setdefault(line.shape, [n.value for n in line.numbers])
    return found


def growth(s):
    """(step, first value) of the number that grows from read to read."""
    shapes = [by_shape(s.reading.text('read%d' % i)) for i in (1, 2, 3)]
    best = None
    for shape, one in shapes[0].items():
        for i, first in enumerate(one):
            rest = [o.get(shape, []) for o in shapes[1:]]
            if any(i >= len(o) for o in rest):
                continue
            steps = [rest[0][i] - first, rest[1][i] - rest[0][i]]
            if steps[0] == steps[1] and steps[0] > 0 and (
                    best is None or steps[0] == 1):
                best = steps[0], first, shape, i
    return best


def check_opens(s):
    if not s.reading.text('read3').strip():
        return FAIL, s.nothing('read')
    best = growth(s)
    if best is None:
        return FAIL, 'no number grows from read to read'
    if best[0] != 1:
        return FAIL, 'a number grows by %d a read' % best[0]
    return PASS, 'it is %d at the first read and grows by one' % best[1]


def check_zero_opens(s):
    best = growth(s)
    if best is None:
        return FAIL, 'no number grows from read to read'
    again = by_shape(s.reading.text('reread')).get(best[2], [])
    if best[3] >= len(again):
        return FAIL, 'no such number when loaded again' + because(s.reading)
    if again[best[3]] == best[1]:
        return PASS, 'it is %d again' % best[1]
    return FAIL, 'it was %d, and is %d when loaded again' % (
        best[1], again[best[3]])


def because(run):
    return ': ' + run.trouble() if run.trouble() else ''


def check_zero(s):
    output, runs = s.loaded()
    again = s.output('load', 'reread')
    if again.blank:
        return FAIL, 'nothing is shown when loaded again' + because(s.load)
    if s.of_thread(again, 'alpha') or s.of_thread(again, 'beta'):
        return FAIL, 'a thread that ended before is shown when loaded again'
    if runs and s.of_thread(output, 'alpha'):
        return PASS, 'the known threads are gone'
    ticks = s.truth(runs).get('alpha', ((), 0, 0))[1]
    if runs and ticks and s.by_time(output, ticks) and \
            not s.by_time(again, ticks):
        return PASS, 'the times of the known threads are gone'
    return UNCLEAR, 'the known threads could not be told before either'


def check_pids(s):
    output = s.best()
    if output.blank:
        return FAIL, s.nothing()
    pids = [e for e in output.entries if e.of_kind('pid') and (
        e.of_kind('count') or e.of_kind(None))]
    plain = [e for e in output.entries
             if len([n for n in e.numbers if isinstance(n.value, int)]) > 1]
    if len(pids) > 1:
        return PASS, '%d entries' % len(pids)
    if len(plain) > 1:
        known = [p for p, _ in s.processes(s.loaded()[1])]
        if any(n.value in known for e in plain for n in e.numbers):
            return PASS, '%d entries without words' % len(plain)
        return UNCLEAR, 'there are %d rows of numbers, but which is a PID is ' \
            'not said' % len(plain)
    return FAIL, 'no entries with a PID and a count'


def check_pidcount(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    wrong, right, absent = [], 0, []
    for pid, rounds in s.processes(runs):
        entries = [e for e in output.entries if any(
            n.value == pid and n.kind in ('pid', None, 'rank')
            for n in e.numbers)]
        values = [v for e in entries for v in counts(e) if v != pid]
        if not values:
            absent.append(pid)
        elif any(rounds <= v <= rounds * (1 + share('pid')) + 10
                 for v in values):
            right += 1
        else:
            wrong.append('PID %d: %s shown, %d rounds' % (
                pid, few(values), rounds))
    if wrong:
        return FAIL, '; '.join(wrong[:2])
    if right >= 2:
        return PASS, '%d of %d known processes are right' % (
            right, right + len(absent))
    return FAIL, 'the known processes are not shown' + because(s.load)


def check_stacks(s, timed=False):
    output = s.best()
    if output.blank:
        return FAIL, s.nothing()
    stacks = [e for e in output.entries if e.frames]
    named, bare, hashed, unknown = kernel_frames(s, whole(output))
    if len(stacks) < 2:
        return FAIL, 'no entries with a stack'
    if hashed_frame(s):
        return FAIL, 'the addresses are what %%p makes of them: %s' % \
            hashed_frame(s)
    if named + bare < 2:
        return FAIL, 'what is shown are no addresses or functions of this ' \
            'kernel'
    if timed and not any(times(e) for e in stacks):
        return FAIL, 'there is no time beside the stacks'
    return PASS, '%d entries with stacks' % len(stacks)


def depth(s, output):
    """What can be seen of kernel tasks, if not whose they are."""
    entries = [e for e in output.entries if s.names(e)]
    longest = max([len(e.frames) for e in entries] or [0])
    if entries and all(TRACER.match(n) for e in entries for n in s.names(e)):
        return 'the stacks shown (%d frames) hold but the tracer\'s and the ' \
            'scheduler\'s functions' % longest
    return '%d entries have kernel functions, of %d frames at most' % (
        len(entries), longest)


TOLD = 'they are one entry, see "merged"'


def check_known(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    found = [n for n in ('alpha', 'beta') if s.of_thread(output, n)]
    if len(found) == 2:
        return PASS, 'both are found'
    if s.joined():
        return PASS, TOLD
    return FAIL, '%s; %s' % (
        'only grade_%s is found' % found[0] if found else
        'neither is found', depth(s, output))


def check_counts(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    if s.joined():
        return PASS, TOLD
    if check_known(s)[0] == FAIL:
        return check_known(s)
    for name, (pids, ticks, rests) in s.truth(runs).items():
        entries = s.of_thread(output, name)
        if not entries or name not in ('alpha', 'beta'):
            continue
        values = [v for e in entries for v in counts(e)]
        if not values:
            return FAIL, 'no counts are shown'
        # The entries of a stack that is split count together.
        total = sum(max(counts(e) or [0]) for e in s.at_rest(output, name))
        if not any(abs(v - rests) <= max(rubric.LIMITS['count_most'],
                                         rests * share('count'))
                   for v in values + [total]):
            return FAIL, 'grade_%s: %s shown, scheduled %d times' % (
                name, few(values), rests)
    return PASS, 'those of both are right'


def split(s, output, name, pids):
    """How one stack of a thread is several entries, in words, or None."""
    same = {}
    for entry in s.at_rest(output, name):
        same.setdefault(tuple(f.text for f in entry.frames), []).append(entry)
    most = max(same.values(), key=len, default=[])
    if len(most) < 2:
        return None
    values = [max(counts(e) or [0]) for e in most]
    said = 'one stack of grade_%s is %d entries' % (name, len(most))
    if all(values) and len(most) <= 4:
        said += ', ' + sum_of(values)
    # A run has one thread of the name.
    if len(most) == len(pids) and len(most) > 1:
        said += ', one for each PID: the PID is in the key'
    return said


def check_merged(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    truth = s.truth(runs)
    if s.joined():
        names, _, numbers = s.joined()
        return FAIL, 'one entry has %s, of %s: the key takes but a part of ' \
            'the stack' % (sum_of(numbers),
                           ', '.join('grade_' + n for n in names))
    for name in ('alpha', 'beta'):
        said = split(s, output, name, truth.get(name, ((), 0, 0))[0])
        if said:
            return FAIL, said
    if check_known(s)[0] == FAIL:
        return check_known(s)
    return PASS, 'one entry each'


def check_user(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    low, high = s.symbols.user
    for entry in output.entries:
        if 'grade_user' in entry.text:
            return PASS, 'grade_user is named'
        for frame in entry.frames:
            if frame.address is not None and low <= frame.address < high:
                return PASS, 'an address inside grade_user is shown'
        for number in entry.numbers:
            if isinstance(number.value, int) and entry.frames == [] and \
                    number.kind is None and low <= number.value < high:
                return PASS, 'an address inside grade_user is shown'
    hashed = any(f.hashed for f in output.frames)
    return FAIL, 'no address inside grade_user' + (
        '; %p has hashed the addresses' if hashed else '')


def check_time(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    told, guessed = [], False
    if s.joined():
        names, entry, _ = s.joined()
        ticks = sum(s.truth(runs)[n][1] for n in names)
        if any(near(v, ticks) for v in times(entry)):
            return PASS, 'together they are right; ' + TOLD
        return FAIL, '%s shown, %d burned' % (few(times(entry)), ticks)
    for name in ('alpha', 'beta'):
        ticks = s.truth(runs).get(name, ((), 0, 0))[1]
        entries = s.of_thread(output, name)
        values = [v for e in entries for v in times(e)]
        if not entries:
            guessed = True
            if s.by_time(output, ticks):
                continue
            return FAIL, 'grade_%s is not found, and no entry has its %d ' \
                'ticks' % (name, ticks)
        if not values:
            return FAIL, 'no time is shown'
        total = sum(max(times(e) or [0]) for e in s.at_rest(output, name))
        if not any(near(v, ticks) for v in values) and not near(total, ticks):
            told.append('grade_%s: %s shown, %d burned' % (
                name, few(sorted(values, reverse=True)), ticks))
    if told:
        return FAIL, '; '.join(told)
    return PASS, 'both within %g %%' % rubric.LIMITS['time_percent'] + (
        ', told by the times alone' if guessed else '')


def elapsed(s):
    """Ticks from the load to the last read, on one CPU."""
    step = s.load.step('after2') or s.load.step('after1')
    return step.end - s.load.step('load').begin


def check_bound(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    limit = elapsed(s)
    values = [n.value * Unit.get(n.unit, 1) for e in output.entries
              for n in e.of_kind('time')]
    if not values:
        plain = [v for e in output.entries for v in times(e)]
        if not plain:
            return FAIL, 'no time is shown'
        if max(plain) <= limit:
            return PASS, 'no number exceeds it'
        return UNCLEAR, 'which of the numbers is a time is not said'
    if max(values) > limit:
        return FAIL, '%d is shown, %d ticks have passed' % (
            max(values), limit)
    return PASS, 'the largest is %d of %d' % (max(values), limit)


def check_grows(s):
    first, second = s.output('load', 'after1'), s.output('load', 'after2')
    if second.blank:
        return FAIL, s.nothing('load')
    for name in ('alpha', 'beta'):
        one, two = [sum(max(times(e) or [0]) for e in s.of_thread(o, name))
                    for o in (first, second)]
        if s.joined() and not two:
            continue
        if not one or not two:
            ticks = [s.truth(i).get(name, ((), 1, 0))[1] for i in (1, 2)]
            if s.by_time(first, ticks[0]) and s.by_time(second, ticks[1]):
                continue
            return FAIL, 'grade_%s is not found in both reads' % name
        if two <= one:
            return FAIL, 'grade_%s: %d, and later %d' % (name, one, two)
    return PASS, 'they do'


def check_twenty(s):
    output = s.best()
    if output.blank:
        return FAIL, s.nothing()
    n = len(output.entries)
    if n == 0:
        return UNCLEAR, 'no entries can be told apart'
    if n < 2:
        return FAIL, 'there is one entry'
    return (PASS if n <= rubric.LIMITS['entries'] else FAIL), '%d entries' % n


def check_order(s):
    output = s.best()
    if output.blank:
        return FAIL, s.nothing()
    if len(output.entries) < 2:
        return UNCLEAR, 'no entries can be told apart'
    labelled = column(output, 'time')
    found = labelled or column(output, None)
    if not found:
        return UNCLEAR, 'no entry shows a time'
    varied = {k: v for k, v in found.items() if len(set(v)) > 1}
    if not varied:
        return FAIL, 'all times are the same'
    for label, values in varied.items():
        if falls(values):
            return PASS, 'by "%s"' % label
    if any(falls(v[::-1]) for v in varied.values()):
        return FAIL, 'they increase'
    if any(falls(v) and len(set(v)) > 1 for v in
           column(output, 'count').values()):
        return FAIL, 'the entries are ordered by count, not by time'
    label, values = next(iter(varied.items()))
    place = next(i for i, (a, b) in enumerate(zip(values, values[1:])) if b > a)
    if not labelled:
        return UNCLEAR, 'which of the numbers is a time is not said, and none ' \
            'is ordered'
    return FAIL, 'entry %d has %d and entry %d has %d' % (
        place + 1, values[place], place + 2, values[place + 1])


def check_top(s):
    output, runs = s.loaded()
    if output.blank:
        return FAIL, s.nothing('load')
    entries = [e for e in output.entries if not s.idle(e)]
    truth = s.truth(runs)
    places = []
    if s.joined() and s.joined()[1] in entries:
        place = entries.index(s.joined()[1]) + 1
        return (PASS if place <= rubric.LIMITS['top'] else FAIL), \
            'entry %d; %s' % (place, TOLD)
    for name in ('alpha', 'beta'):
        mine = s.of_thread(output, name) or s.by_time(
            output, truth.get(name, ((), -1, 0))[1])
        mine = [entries.index(e) for e in mine if e in entries]
        if not mine:
            return check_known(s) if check_known(s)[0] == FAIL else (
                FAIL, 'grade_%s is not found' % name)
        places.append(min(mine) + 1)
    why = 'grade_alpha is entry %d, grade_beta entry %d, the idle task left ' \
        'out' % tuple(places)
    return (PASS if places[0] <= rubric.LIMITS['top'] and
            places[0] < places[1] else FAIL), why


def check_named(s):
    output = s.best()
    if output.blank:
        return FAIL, s.nothing()
    if hashed_frame(s):
        return FAIL, 'hashed by %p: ' + hashed_frame(s)
    named, bare, hashed, unknown = kernel_frames(s, of_tasks(s, output))
    if named < 2 and kernel_frames(s, whole(output))[0]:
        return FAIL, 'no function of the kernel is named but the tracer\'s own'
    if named < 2:
        return FAIL, 'no function of the kernel is named' if output.frames \
            else 'no stacks are shown'
    if bare * 20 > named + bare:
        return FAIL, '%d functions are named, %d addresses of functions are ' \
            'bare' % (named, bare)
    if unknown > named:
        return FAIL, '%d names are not this kernel\'s' % unknown
    return PASS, '%d names, all of them this kernel\'s' % named


def check_alive(s):
    wrong = troubles(s)
    if wrong:
        return FAIL, '; '.join(wrong[:3])
    return PASS, 'nothing to be said against it'


# --- What went wrong --------------------------------------------------------

def troubles(s):
    """Everything that a module should not have done, in words, each once with
    the guests where it did."""
    found = {}

    def add(run, what):
        plans = found.setdefault(what, [])
        if run.plan not in plans:
            plans.append(run.plan)

    for run in s.runs.values():
        if run.trouble():
            add(run, run.trouble())
        if run.refused():
            add(run, run.refused())
        for step in run.steps.values():
            word = re.match(r'(?:re)?(un)?load\d?$', step.name)
            if word and step.status not in (0, None, 124) and \
                    not (step.name == 'load' and run.refused()):
                add(run, '%s failed: %s' % (
                    'rmmod' if word.group(1) else 'insmod',
                    step.text.strip()[:150]))
        if flood(run):
            add(run, 'it floods the log: more than %g lines' %
                rubric.LIMITS['flood'])
        left = [line for line in run.text('left').split('\n') if line.strip()]
        if left:
            add(run, 'left behind when unloaded: ' +
                re.sub(r'\s+', ' ', left[0]))
    for what in leaks(s.runs['unload']):
        add(s.runs['unload'], what)
    return ['%s: %s' % (', '.join(plans), what)
            for what, plans in found.items()]


def flood(run):
    """The kernel's own buffer holds some thousand lines."""
    begun = re.search(r'\d+', run.text('lines0'))
    ended = re.search(r'\d+', run.text('lines'))
    grown = int(ended.group()) - int(begun.group()) if begun and ended else 0
    return max(grown, run.log.count('\n')) > rubric.LIMITS['flood']


def leaks(run):
    """Objects that code allocated which is gone."""
    found, objects, places = [], 0, set()
    for line in run.text('memory').split('\n'):
        words = line.split()
        if words and words[0].startswith('kmalloc'):
            objects += int(words[1])
            places.add(words[2])
        elif words and words[0] == 'vmalloc':
            found.append('%s bytes of vmalloc() never freed' % words[2])
        elif words and words[0] == 'cache':
            found.append('the cache %s never destroyed' % words[1])
    if objects:
        found.append('it leaks: memory that it allocated in %d place(s) is '
                     'never freed' % len(places))
    return found


# --- The verdict ------------------------------------------------------------

FUNCTIONS = {
    'hello': check_hello, 'opens': check_opens, 'zero': check_zero,
    'pids': check_pids, 'pidcount': check_pidcount, 'stacks': check_stacks,
    'known': check_known, 'counts': check_counts, 'merged': check_merged,
    'user': check_user, 'time': check_time, 'bound': check_bound,
    'grows': check_grows, 'twenty': check_twenty, 'order': check_order,
    'top': check_top, 'named': check_named, 'alive': check_alive,
}


# What depends on how much of the load's time was the load's own.
MEASURED = ('known', 'counts', 'merged', 'time', 'bound', 'grows', 'top', 'user')


def judge(subject, part):
    """The results of all checks of a part."""
    results = []
    for check in rubric.CHECKS[part]:
        if part == '1.2' and check.id == 'zero':
            verdict, why = check_zero_opens(subject)
        elif part == '2.2' and check.id == 'stacks':
            verdict, why = check_stacks(subject, timed=True)
        else:
            verdict, why = FUNCTIONS[check.id](subject)
        # By a busy machine's clock, a slow one's numbers prove nothing.
        if verdict == FAIL and check.id in MEASURED and \
                not subject.load.counted and not subject.load.trouble():
            verdict, why = UNCLEAR, 'it is slow: ' + why
        results.append(Result(check, verdict, why))
    return results


def score(results):
    return sum(r.check.points for r in results if r.verdict == PASS)


STACKS = ('2.1', '2.2', '2.3', '3')


def remarks(s):
    """What a person should know and what costs nothing."""
    times = s.load.pace()
    return ['slow: processes that pass a byte to and fro take %.0f times as '
            'long with it' % times] if times >= guest.SLOW else []


def part_shown(s):
    """The highest part whose properties show in what it prints, or None."""
    output = s.best()
    stacks = [e for e in output.entries if e.frames]
    if len(stacks) > 1:
        named, bare, hashed, unknown = kernel_frames(s, whole(output))
        # A number without a word may also be a user address in decimal.
        timed = any(e.of_kind('time') for e in stacks) or s.source.timed and \
            any(v > 1000000 for e in stacks for v in times(e))
        ranked = s.source.ranks or output.how == 'ranks'
        if ranked and timed:
            return '3' if named > bare + hashed else '2.3'
        return '2.2' if timed else '2.1'
    if any(e.of_kind('pid') for e in output.entries) and \
            len(output.entries) > 1:
        return '1.3'
    if growth(s):
        return '1.2'
    return '1.1' if re.search(r'hello', output.text, re.I) else None


def parts_meant(s):
    """The parts to judge, and how they are known: the highest that was meant,
    by what is printed or by the source, and with it those before it which the
    same entries are to show."""
    shown, source = part_shown(s), s.source.part()
    names = [p.name for p in rubric.PARTS]
    part = max((p for p in (shown, source) if p), key=names.index,
               default=None)
    if part is None:
        return [], 'nothing'
    found = 'what it prints' if part == shown else 'its source'
    output = s.best()
    if part not in STACKS or len(output.entries) < 2:
        return [part], found
    parts = list(STACKS[:STACKS.index(part) + 1])
    # Part 2.2 may put the time where the count stood.
    if part != '2.1' and not any(e.of_kind('count') for e in output.entries):
        parts.remove('2.1')
    return parts, found
