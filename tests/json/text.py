# SPDX-License-Identifier: GPL-2.0
"""perftop's text, made once more from rows of its JSON and from their columns.

What depends on when a file was taken is not compared where files are of different
moments: there stands a value of the unit, and that is all.
"""

import re

# Sources that say something else at each moment, though nothing is counted.
OF_THE_MOMENT = {'share', 'rate', 'ago', 'account', 'account share', 'header'}

ANY = {'percent': re.compile(r'\d+\.\d\d|-'), 'per second': re.compile(r'\d+\.\d|-'),
       'ns': re.compile(r'\d+ ns|[\d.]+ (us|ms|s)|-'),
       'ticks': re.compile(r'\d+|-'), 'count': re.compile(r'\d+|-')}

# As proc/print_names.c has it: not seen, or seen as something else.
HIDDEN = re.compile('[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e'
                    '\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]')


def name(text, folded=False):
    """A name that anybody may have chosen."""
    if not text:
        return '?'
    if text[0] == '[':
        text = '?' + text[1:]
    text = HIDDEN.sub('?', text)
    return re.sub('[ ;]', '_', text) if folded else text


def ns(number):
    """Four digits and a unit."""
    if number < 1000:
        return f'{number} ns'
    for unit in ('us', 'ms', 's'):
        if unit == 's' or number < 1000000:
            break
        number //= 1000
    whole, rest = divmod(number, 1000)
    if whole < 10:
        return f'{whole}.{rest:03} {unit}'
    if whole < 100:
        return f'{whole}.{rest // 10:02} {unit}'
    if whole < 1000:
        return f'{whole}.{rest // 100} {unit}'
    return f'{whole} {unit}'


def cpus(text):
    """A list of 31 letters at the most; what is cut ends in a mark."""
    if len(text) > 31:
        text = text[:30].rpartition(',')[0] + ',+'
    return text or '-'


def thread(of):
    return f'{name(of["comm"])}[{of["pid"]}] ({of["policy"]} {of["priority"]})'


def value(unit, said):
    """What stands in a cell, of one that is not null."""
    if unit == 'ns':
        return ns(int(said))
    if unit == 'percent':
        return f'{said:.2f}'
    if unit == 'per second':
        return f'{said:.1f}'
    if unit == 'flag':
        return 'yes' if said else 'no'
    if unit == 'name':
        return name(said)
    if unit == 'thread':
        return thread(said)
    if unit == 'cpus':
        return cpus(said)
    return str(said)


def marks(columns, row):
    return ''.join(column['title'] for column in columns
                   if column['unit'] == 'flag' and not column['width'] and
                   row[column['id']])


def marked(cell, mark):
    if isinstance(cell, str):
        return cell + mark
    return re.compile(f'({cell.pattern}){re.escape(mark)}')


def tail(row):
    """Behind a row of what has not ended."""
    said = [word for word in ('running', 'waiting') if row.get('is_' + word)]
    return f' ({", ".join(said)})' if said else ''


def cells(columns, row, moved):
    """A row's cells: a text each, or what would do as one."""
    made, named = [], False
    for column in columns:
        if not column['width']:
            continue
        said, unit = row[column['id']], column['unit']
        if moved and column['from'] in OF_THE_MOMENT and unit in ANY:
            made.append(ANY[unit])
        elif said is not None:
            made.append(value(unit, said))
        elif unit in ('name', 'thread') and not named:
            made.append(f'[{row["is"]}]')
            named = True
        elif unit == 'hash':
            made.append('00000000')
        elif unit == 'cpu' and row.get('is') == 'all':
            made.append('all')
        else:
            made.append('-')
        if len(made) == 1:
            made[0] = marked(made[0], marks(columns, row))
    return made


def fits(line, made, end=''):
    """Whether a line has these cells, a blank at least between two, and that end."""
    at = 0
    for number, cell in enumerate(made):
        start = at
        while at < len(line) and line[at] == ' ':
            at += 1
        if number and at == start:
            return False
        if isinstance(cell, str):
            # Blanks that a name begins with have been passed already.
            cell = cell.lstrip(' ')
            if not line.startswith(cell, at):
                return False
            at += len(cell)
        else:
            match = cell.match(line, at)
            if not match:
                return False
            at = match.end()
    return line[at:] == end


# --- Stacks ---------------------------------------------------------------------

def task(row):
    """What stands behind the columns of a stack."""
    if row.get('is'):
        return f' [{row["is"]}]'
    more = ''
    if row.get('is_running'):
        more = ' (running)'
    elif row['threads'] is None:
        more = ' +many'
    elif row['threads'] > 1:
        more = f' +{row["threads"] - 1}'
    return f' {name(row["comm"])}[{row["pid"]}]{more}'


def place(frame, folded=False):
    """What a frame is called; in a flame graph kernel functions have no offset."""
    if frame['of'] == 'kernel':
        module = f' [{frame["module"]}]' if 'module' in frame else ''
        offset = '+' + frame['offset'] if 'offset' in frame and not folded else ''
        return frame.get('name', frame.get('address')) + offset + module
    number = frame.get('offset', frame.get('address'))
    deleted = ' (deleted)' if frame.get('deleted') else ''
    if 'file' in frame:
        called = name(frame['file'], folded)
    elif 'name' in frame:
        called = frame['name']
    else:
        return number + deleted
    return called + ('@' if 'address' in frame else '+') + number + deleted


def frames(stack):
    """The lines below a row."""
    lines = []
    for frame in stack:
        mark = frame.get('mark')
        if mark == 'signal':
            lines[-1] += ' (signal)'
        else:
            user = 'user: ' if frame['of'] == 'user' else ''
            lines.append(f'{8 * " "}{user}' +
                         (f'({mark})' if mark else place(frame)))
    return lines


def folded(row, stack):
    """A line of folded, but for the ticks."""
    if row.get('is'):
        return f'[{row["is"]}]'
    return name(row['comm'], True) + ''.join(
        ';' + place(frame, True) for frame in reversed(stack)
        if 'mark' not in frame)
