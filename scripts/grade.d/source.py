# SPDX-License-Identifier: GPL-2.0
"""Read a submission's source: which part it seems to be, and its hazards.

Nothing here costs points. A handler is any function that a probe names, and
what it calls in the files of the same module.
"""

import re

# A comment, or what may look like one: a string or a character.
COMMENT = re.compile(r'//[^\n]*|/\*.*?(?:\*/|\Z)|"(?:\\.|[^"\\\n])*"|'
                     r"'(?:\\.|[^'\\\n])*'", re.S)
STRING = re.compile(r'"(?:\\.|[^"\\\n])*"')
DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.)*', re.M | re.S)
HEAD = re.compile(r'([A-Za-z_]\w*)\s*\([^(){};]*(?:\([^()]*\)[^(){};]*)*\)'
                  r'(?:\s*__\w+)*\s*$')
CALL = re.compile(r'\b([A-Za-z_]\w*)\s*\(')
PRINTS = re.compile(r'\b(seq_printf|s[nc]*printf|printk\w*|pr_\w+)\s*\(')
HANDLER = re.compile(r'(?:pre_handler|post_handler|entry_handler|handler)\s*=\s*'
                     r'&?\s*([A-Za-z_]\w*)')
SLEEPS = re.compile(r'\b(msleep\w*|ssleep|usleep_range|schedule_timeout\w*|'
                    r'mutex_lock\w*|down(?:_interruptible)?|vmalloc|vzalloc|'
                    r'copy_(?:to|from)_user|wait_event\w*|synchronize_\w+|'
                    r'schedule)\s*\(')
LOCKS = re.compile(r'\b(?:raw_)?spin_(?:try)?lock\w*\s*\(|\brcu_read_lock\b|'
                   r'\bread_lock\w*\s*\(|\bwrite_lock\w*\s*\(|'
                   r'\bper_cpu\b|\bDEFINE_PER_CPU\b|\bthis_cpu_|\batomic\w*_t\b')
ALLOCATES = re.compile(r'\bk(?:v)?[mzc]\w*alloc\w*\s*\(|\bvmalloc\s*\(|'
                       r'\bkmem_cache_\w*alloc\w*\s*\(')
FREES = re.compile(r'\bk(?:v)?free\w*\s*\(|\bvfree\s*\(|\bkmem_cache_free\s*\(')


def strip(text):
    """Without comments and what #if 0 leaves out."""
    text = COMMENT.sub(lambda m: m.group() if m.group()[0] in '"\'' else
                       '\n' * m.group().count('\n') + ' ', text)
    kept, depth = [], 0
    for line in text.split('\n'):
        word = re.match(r'\s*#\s*(if\w*|else|endif)\b\s*(\w*)', line)
        if depth and word:
            depth += word.group(1).startswith('if')
            depth -= word.group(1) == 'endif' or \
                depth == 1 and word.group(1) == 'else'
            line = ''
        elif word and word.group(1, 2) == ('if', '0'):
            depth = 1
        kept.append('' if depth else line)
    return '\n'.join(kept)


def functions(text):
    """Name -> body, by counting braces."""
    found = {}
    plain = DIRECTIVE.sub('', STRING.sub('""', text))
    depth, start, head = 0, 0, None
    for match in re.finditer(r'[{};]', plain):
        place = match.start()
        if match.group() == '{':
            if depth == 0:
                # No head of a function is longer.
                head = HEAD.search(plain[max(start, place - 1000):place])
                start = place + 1
            depth += 1
        elif match.group() == '}' and depth:
            depth -= 1
            if depth == 0 and head:
                found[head.group(1)] = plain[start:place]
        if depth == 0:
            start = place + 1
    return found


def calls(body):
    """The names that are called; a variable of that name is none."""
    return set(CALL.findall(body))


def reached(bodies, roots):
    """The functions that are reached from some."""
    seen, todo = set(), [r for r in roots if r in bodies]
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += calls(bodies[name]) & set(bodies)
    return seen


def hashed_prints(text):
    """What prints an address by %p."""
    return {match.group(1) for match in PRINTS.finditer(text)
            if re.search(r'%p(?!\w)', text[match.end():match.end() + 1000]
                         .split(';')[0])}


class Source:
    """What a submission's files say."""

    def __init__(self, texts):
        self.files = {name: strip(text) for name, text in texts.items()}
        self.text = '\n'.join(self.files.values())
        self.bodies = functions(self.text)
        self.handlers = set(HANDLER.findall(self.text))
        self.hot = reached(self.bodies, self.handlers)

    def has(self, pattern):
        return re.search(pattern, self.text) is not None

    def uses(self):
        """(what the handout names, whether it is there)"""
        return [
            ('kprobe registered',
             self.has(r'\bregister_k(?:ret)?probes?\s*\(')),
            ('probes pick_next_task_fair',
             self.has(r'"pick_next_task_fair"')),
            ('hash table', self.has(r'\bhash_add\w*\s*\(|\bDEFINE_HASHTABLE|'
                                    r'\bhlist_\w+|\brhashtable|\bhash_init')),
            ('stack_trace_save', self.has(r'\bstack_trace_save|'
                                          r'\bsave_stack_trace|'
                                          r'\bunwind_start')),
            ('user stacks', self.has(r'stack_trace_save_user|'
                                     r'copy_from_user_nofault|__get_user')),
            ('jhash', self.has(r'\bjhash2?\s*\(')),
            ('rdtsc', self.has(r'\brdtsc\w*\s*\(|\bget_cycles\s*\(')),
            ('rb-tree', self.has(r'\brb_insert_color\w*|\brb_add\w*\s*\(')),
            ('seq_file', self.has(r'\bseq_(?:printf|puts|read)\b')),
            ('proc_ops', self.has(r'\bproc_ops\b|\bproc_create_single')),
            ('names of functions',
             self.has(r'%p[SsB]|\bsprint_symbol\w*|\bkallsyms_lookup\b|'
                      r'\bstack_trace_s?n?print\b|\bprint_stack_trace\b|'
                      r'\bsnprint_stack_trace\b')),
        ]

    @property
    def ranks(self):
        """Whether it brings its entries into an order."""
        return self.has(r'\brb_insert_color\w*|\brb_add\w*\s*\(|'
                        r'\b(?:list_)?sort(?:_r)?\s*\(')

    @property
    def timed(self):
        return self.has(r'\brdtsc\w*\s*\(|\bget_cycles\s*\(|\bktime_get\w*|'
                        r'\b(?:sched|local|cpu)_clock\s*\(|sum_exec_runtime')

    def part(self):
        """The highest part whose means are there, if any."""
        uses = dict(self.uses())
        if self.ranks and uses['stack_trace_save']:
            return '3' if uses['names of functions'] else '2.3'
        if uses['stack_trace_save'] and self.timed:
            return '2.2'
        if uses['stack_trace_save']:
            return '2.1'
        if uses['probes pick_next_task_fair']:
            return '1.3'
        if uses['kprobe registered']:
            return '1.2'
        return '1.1' if self.text.strip() else None

    def hazards(self):
        """Findings that a run may not show."""
        found = []
        for name in sorted(self.hot):
            body = self.bodies[name]
            for call in sorted(set(SLEEPS.findall(body))):
                found.append('%s() is reached from a probe and calls %s(), '
                             'which may sleep' % (name, call))
            if re.search(r'\bGFP_KERNEL\b', body):
                found.append('%s() is reached from a probe and allocates with '
                             'GFP_KERNEL, which may sleep' % name)
            elif ALLOCATES.search(body):
                found.append('%s() is reached from a probe and allocates '
                             'there, under the run-queue lock' % name)
            if re.search(r'\b(?:printk|pr_\w+|dump_stack|stack_trace_print)'
                         r'\s*\(', body):
                found.append('%s() is reached from a probe and prints to the '
                             'log there' % name)
        shared = self.has(r'\bhash_add|\brb_insert|\blist_add|\brb_add')
        if shared and not LOCKS.search(self.text):
            found.append('no lock around shared data')
        elif shared and self.hot and not any(
                LOCKS.search(self.bodies[name]) for name in self.hot):
            found.append('the probe takes no lock around shared data')
        if ALLOCATES.search(self.text) and not FREES.search(self.text):
            found.append('what is allocated is never freed')
        exit_name = re.search(r'\bmodule_exit\s*\(\s*(\w+)', self.text)
        if not exit_name:
            found.append('no module_exit')
        else:
            at_exit = ' '.join(self.bodies[n] for n in reached(
                self.bodies, [exit_name.group(1)]))
            if self.has(r'\bregister_k(?:ret)?probe') and \
                    'unregister_k' not in at_exit:
                found.append('the probe is not unregistered on exit')
            if self.has(r'\bproc_create') and not re.search(
                    r'remove_proc|proc_remove', at_exit):
                found.append('the file is not removed on exit')
        if self.has(r'\bkallsyms_lookup_name\b'):
            found.append('kallsyms_lookup_name is used, which the kernel does '
                         'not export since 5.7')
        if self.has(r'regs->si\b') and not self.has(
                r'==\s*NULL|!\s*\w+|\bif\s*\(\s*\w+\s*\)'):
            found.append('the probed function\'s argument is not compared with '
                         'NULL')
        hashed = hashed_prints(self.text)
        if any(name.startswith('s') for name in hashed):
            found.append('%p prints hashed addresses')
        if any(name.startswith('p') for name in hashed):
            found.append('%p in the log prints hashed addresses')
        if self.has(r'\bjhash\s*\([^;]*?,\s*(?:nr|n|len|size|count|depth)\w*'
                    r'\s*,'):
            found.append('jhash() is given a number of entries, it seems, '
                         'where it wants bytes')
        return found
