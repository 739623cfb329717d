"""A hint of an error, applied to the call that it was printed for, as a user would paste it."""

from __future__ import annotations

import re
import shlex

HINT = re.compile(r"^zoo: error: (?P<message>.*) \(hint: (?P<hint>.*)\)$")
QUOTED = re.compile(r'"([^"]*)"|\'([^\']*)\'')
SUGGESTED = re.compile(r"did you mean [\"']([^\"']*)[\"']\?")
CHOICES = re.compile(r"(?:choose from|the columns are|its keys are|use one of) ([^;]*)")
PLACEHOLDER = re.compile(r"\b(NAME|FILE|RUN|KEY|VALUE|COL|RECIPE|DIR)\b")


def parse_error(line: str) -> tuple[str, str] | None:
    """The message and the hint of a line; None for one without a hint."""
    found = HINT.match(line)
    return (found["message"], found["hint"]) if found else None


def applied(call: tuple[str, ...], message: str, hint: str) -> tuple[str, ...] | None:
    """The call with the hint applied; None if the hint is advice in words."""
    command = re.search(r"(?:^|: |then run |run |see )(zoo [^;(]*)", hint)
    suggested, choices = SUGGESTED.search(hint), CHOICES.search(hint)
    if suggested:
        return _replaced(call, message, suggested[1])
    if renamed := re.search(r"now called (--[a-z-]+)", hint):
        old = re.search(r"(--[a-z-]+)$", message)
        return tuple(renamed[1] if word == old[1] else word for word in call) if old else None
    if command and not PLACEHOLDER.search(command[1]):
        return tuple(shlex.split(command[1])[1:])
    if choices:
        return _replaced(call, message, re.split(r", | and | or ", choices[1])[0].strip())
    if hint.startswith(("overwrite", "choose another name, or overwrite", "name another folder with --output, or")):
        return (*call, "--force")
    if use := re.search(r"use (--on \w+)", hint):
        at = call.index("--split")
        return (*call[:at], *use[1].split(), *call[at + 2 :])
    if option := re.match(r"(?:add |accept them with )?(--[a-z-]+(?: [\w.=-]+)?)(?:$|,|;)", hint):
        return (*call, *option[1].split())
    return None


def _replaced(call: tuple[str, ...], message: str, right: str) -> tuple[str, ...]:
    """The call with the wrong name, which the message quotes or shows before its colon, replaced by the right one."""
    quoted = [first or second for first, second in QUOTED.findall(message)]
    wrong = [*quoted, *re.findall(r"([\w.-]+): (?:unknown|no such)", message)]
    wrong += re.findall(r"(?:file|folder): (\S+)", message)
    wrong += re.findall(r"no such option: (-\S+)", message)
    for name in wrong:
        # first as a whole word of the command line, then as a part of a setting
        if name in call:
            return tuple(right if word == name else word for word in call)
    for name in wrong:
        pattern = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])")
        if any(pattern.search(word) for word in call):
            return tuple(pattern.sub(lambda _: right, word, count=1) for word in call)
    return call  # what is wrong is not on the command line
