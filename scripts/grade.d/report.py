# SPDX-License-Identifier: GPL-2.0
"""Reports: a line a part, Markdown for people, JSON for a gradebook, CSV."""

import csv
import json
import sys

import judge
import rubric

# Lines of a transcript, and of a log, that a report shows.
LINES = 120
LOG_LINES = 60
CONSOLE_LINES = 20000
MARKS = {judge.PASS: 'yes', judge.FAIL: 'no', judge.UNCLEAR: 'see transcript'}
TITLES = {
    'read': 'loaded, read three times, unloaded, loaded again',
    'load': 'with a known load, twice',
    'unload': 'unloaded while it is read, five times over',
}


class Verdict:
    """All that is known of a submission."""

    def __init__(self, name, path):
        self.name = name
        self.path = path
        self.kernel = ''        # name and release
        self.parts = {}         # part -> (results, module name)
        self.found = ''         # how the parts were found
        self.build = None
        self.modules = []       # (Module, Subject, troubles)
        self.uses = []
        self.hazards = []
        self.remarks = []       # worth a look, and no points
        self.problem = None

    @property
    def points(self):
        return sum(judge.score(r) for r, _ in self.parts.values())

    @property
    def most(self):
        return sum(rubric.part_named(p).points for p in self.parts)


def why(part, results, told):
    """The reasons for points not given, each said once; told is what was said
    of earlier parts: reason -> the part."""
    reasons = {}
    for result in results:
        if result.verdict != judge.PASS:
            reasons.setdefault(result.why, []).append(result.check.id)
    words = ['%s: %s' % (', '.join(ids), once(part, reason, told))
             for reason, ids in reasons.items()]
    return '; '.join(words) or 'all checks passed'


def once(part, reason, told):
    """A reason, but a long one is not said again."""
    if reason not in told or len(reason) < 40:
        told.setdefault(reason, part)
        return reason
    return 'as above' if told[reason] == part else 'as in part ' + told[reason]


def summary(verdict):
    """A line for each part."""
    lines, told = [], {}
    for part in rubric.PARTS:
        if part.name not in verdict.parts:
            continue
        results, _ = verdict.parts[part.name]
        lines.append('%s: part %s: %s of %s: %s' % (
            verdict.name, part.name, rubric.points(judge.score(results)),
            rubric.points(part.points), why(part.name, results, told)))
    if not lines:
        lines.append('%s: %s' % (verdict.name, verdict.problem or
                                 'no part could be found out'))
    lines += ['%s: %s' % (verdict.name, r) for r in verdict.remarks]
    return lines


def fence(text, most):
    """A block of text, cut in the middle if it is long."""
    lines = text.rstrip('\n').split('\n')
    if len(lines) > most:
        gone = len(lines) - most
        lines = lines[:most * 3 // 4] + ['[... %d lines left out ...]' % gone] \
            + lines[-(most // 4):]
    return ['````'] + [line[:300].replace('````', "''''") for line in lines] + \
        ['````', '']


def prompt(step, module, path):
    """What a person would have typed for a step."""
    name = step.rstrip('0123456789')
    return {
        'load': 'insmod %s.ko' % module, 'reload': 'insmod %s.ko' % module,
        'unload': 'rmmod %s' % module, 'reunload': 'rmmod %s' % module,
        'read': 'cat ' + path, 'reread': 'cat ' + path,
        'before': 'cat ' + path, 'after': 'cat ' + path,
        'threads': 'echo run >/proc/grade_load',
        'users': 'grade_user pong 150 100000', 'known': 'cat /proc/grade_load',
        'log': 'dmesg | tail', 'left': '(what is left of it)',
        'memory': '(memory that is left of it)',
        'kmemleak': 'cat /sys/kernel/debug/kmemleak',
    }.get(name)


def transcript(run, module, full=False):
    """A guest's steps as if typed, and its log from the insmod on; long ones
    are cut unless all is wanted."""
    lines = ['#### Guest "%s": %s' % (run.plan, TITLES[run.plan]), '']
    if run.omitted or run.skipped:
        return lines + [(run.omitted or run.skipped).capitalize() + '.', '']
    if run.trouble():
        lines += ['**%s**' % run.trouble(), '']
    if run.died:
        lines += ['Exit status of scripts/guest: %d.' % run.status, '']
    block = []
    for step in run.steps.values():
        typed = prompt(step.name, module.name, run.file)
        if typed is None:
            continue
        block.append('# ' + typed)
        text = step.text.rstrip('\n')
        if text.strip():
            shown = text.split('\n')
            if not full and len(shown) > LINES:
                shown = shown[:LINES] + ['[... %d lines left out ...]' %
                                         (len(text.split('\n')) - LINES)]
            block += shown
        if step.status is None:
            block.append('[this did not end]')
        elif step.status == 124:
            block.append('[this did not end; the guest went on]')
        elif step.status and step.name != 'memory':
            block.append('[status %d]' % step.status)
    lines += fence('\n'.join(block), sys.maxsize if full else 8 * LINES)
    log = run.log.rstrip('\n').split('\n')
    if full and log != ['']:
        lines += ['The kernel\'s console, from insmod on:', '']
        lines += fence('\n'.join(log[:CONSOLE_LINES]), sys.maxsize)
    elif run.reports:
        first = log.index(run.reports[0])
        if first < LOG_LINES // 2:
            first = 0
        lines += ['The kernel\'s log, from %s on:' % (
            'its first report' if first else 'insmod'), '']
        lines += fence('\n'.join(log[max(0, first - 2):]), LOG_LINES)
    return lines


def full_text(verdict):
    """All that was printed, and what the build said."""
    lines = ['# %s: what was printed' % verdict.name, '', '## Build', '']
    lines += fence(verdict.build.log, sys.maxsize)
    for module, subject, _ in verdict.modules:
        lines += ['## %s.ko' % module.name, '']
        for run in subject.runs.values():
            lines += transcript(run, module, full=True)
    return '\n'.join(lines) + '\n'


def markdown(verdict):
    """The report of one submission."""
    lines = ['# %s: %s of %s' % (verdict.name, rubric.points(verdict.points),
                                 rubric.points(verdict.most)), '']
    if verdict.found:
        lines += ['Parts: %s (from %s); not judged: %s. Kernel: %s.' % (
            ', '.join(verdict.parts) or 'none', verdict.found,
            ', '.join(p.name for p in rubric.PARTS
                      if p.name not in verdict.parts) or 'none',
            verdict.kernel), '']
    if verdict.problem:
        lines += ['**%s**' % verdict.problem, '']
    lines += ['**%s**\n' % r for r in verdict.remarks]
    told = {}
    for part in rubric.PARTS:
        if part.name not in verdict.parts:
            continue
        results, module = verdict.parts[part.name]
        lines += ['## Part %s: %s of %s' % (
            part.name, rubric.points(judge.score(results)),
            rubric.points(part.points)), '', part.title + '.', '',
            '| points | of | check | |', '|--:|--:|---|---|']
        for result in results:
            passed = result.verdict == judge.PASS
            given = result.check.points if passed else 0
            reason = result.why if passed else once(part.name, result.why, told)
            lines.append('| %s | %s | %s | **%s**: %s |' % (
                rubric.points(given), rubric.points(result.check.points),
                result.check.text, MARKS[result.verdict],
                reason.replace('|', '\\|').replace('\n', ' ')))
        lines.append('')
    lines += build_section(verdict) + source_section(verdict)
    if verdict.modules:
        lines += ['All that was printed is in %s.txt.' % verdict.name, '']
    for module, subject, troubles in verdict.modules:
        lines += ['## What %s.ko did' % module.name, '']
        lines += ['- ' + t.replace('\n', ' ') for t in troubles] or [
            'Nothing went wrong.']
        lines += ['']
        for run in subject.runs.values():
            lines += transcript(run, module)
    return '\n'.join(lines) + '\n'


def build_section(verdict):
    lines = ['## Build', '']
    build = verdict.build
    if build is None:
        return lines + ['Not built.', '']
    lines += ['- %s.ko, by %s' % (m.name, m.how) for m in build.modules]
    lines += ['- ' + n for n in build.notes]
    lines += ['- %d warnings, %d errors' % (len(build.warnings),
                                            len(build.errors)), '']
    if build.diff:
        lines += ['What is judged is adapted to this kernel:', '']
        lines += ['- %s: %s' % patch for patch in build.patches.items()]
        lines += ['']
        lines += fence(build.diff, 400)
    said = build.errors[:20] + build.warnings[:20]
    if said:
        lines += fence('\n'.join(said), 40)
    return lines


def source_section(verdict):
    lines = ['## Source', '', 'What is read here costs no points by itself.',
             '']
    lines += ['- %s: %s' % (name, 'yes' if there else 'no')
              for name, there in verdict.uses]
    lines += ['- **hazard**: ' + h for h in verdict.hazards]
    return lines + ['']


def as_json(verdict):
    """Everything but the transcripts."""
    build = verdict.build
    return {
        'name': verdict.name,
        'kernel': verdict.kernel,
        'points': verdict.points,
        'of': verdict.most,
        'parts_from': verdict.found,
        'problem': verdict.problem,
        'parts': {
            part: {
                'points': judge.score(results),
                'of': rubric.part_named(part).points,
                'module': module,
                'checks': [{
                    'id': r.check.id, 'of': r.check.points,
                    'points': r.check.points if r.verdict == judge.PASS else 0,
                    'verdict': r.verdict, 'why': r.why} for r in results],
            } for part, (results, module) in verdict.parts.items()},
        'build': build and {
            'modules': [{'name': m.name, 'how': m.how}
                        for m in build.modules],
            'errors': build.errors, 'warnings': build.warnings,
            'notes': build.notes, 'adapted': build.patches,
            'diff': build.diff},
        'source': {'uses': dict(verdict.uses), 'hazards': verdict.hazards},
        'remarks': verdict.remarks,
        'findings': [t for _, _, troubles in verdict.modules
                     for t in troubles],
    }


def write(verdict, directory):
    directory.mkdir(parents=True, exist_ok=True)
    (directory / (verdict.name + '.md')).write_text(
        markdown(verdict))
    (directory / (verdict.name + '.txt')).write_text(full_text(verdict))
    (directory / (verdict.name + '.json')).write_text(
        json.dumps(as_json(verdict), indent=2) + '\n')


def write_table(verdicts, path):
    """One line a submission; empty where a part was not judged."""
    with open(path, 'w', newline='') as file:
        table = csv.writer(file, lineterminator='\n')
        table.writerow(['name'] + [p.name for p in rubric.PARTS] +
                       ['points', 'of', 'remarks'])
        for v in verdicts:
            remarks = v.problem or '; '.join(v.remarks + [
                t for _, _, troubles in v.modules for t in troubles[:2]])
            table.writerow(
                [v.name] + [rubric.points(judge.score(v.parts[p.name][0]))
                            if p.name in v.parts else ''
                            for p in rubric.PARTS] +
                [rubric.points(v.points), rubric.points(v.most), remarks])
