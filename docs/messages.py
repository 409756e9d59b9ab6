#!/usr/bin/env python3
"""Whether the messages that docs/troubleshooting.md quotes are in the program:  docs/messages.py [SOURCES]

Messages are the first column of its tables of messages, in backticks, with ... for what differs."""
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
ROOT = ROOT if ROOT.is_dir() else ROOT.parent.parent
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')


def sentences():
    """All strings of the sources; those that follow each other are one, and what printf puts in is ... ."""
    found = []
    for room in ("host", "net", "bicross", "apps"):
        for path in (ROOT / room).rglob("*.c"):
            text = re.sub(r'"\s*\n?\s*(?:BC_[A-Z_]+\s*)?"', "", path.read_text(encoding="utf-8"))
            found += [re.sub(r"%[-+#0-9.*l]*(?:z?[a-z])", "...", s[1:-1]).replace('\\"', '"') for s in STRING.findall(text)]
    return found


def quoted():
    table = False
    for line in (ROOT / "docs/troubleshooting.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| message"):
            table = True
        elif not line.startswith("|"):
            table = False
        elif table and not line.startswith("|---"):
            yield from re.findall(r"`([^`]+)`", line.split(" | ")[0])


def main():
    program = sentences()
    missing = []
    for message in quoted():
        parts = [re.escape(p.strip()) for p in message.split("...") if p.strip()]
        pattern = re.compile(r".*".join(parts), re.S)
        if not any(pattern.search(s) for s in program):
            missing.append(message)
    if missing:
        sys.exit("docs/troubleshooting.md quotes what the program does not say:\n" + "\n".join(missing))


main()
