#!/usr/bin/env python3
"""Makes docs/configuration.md from the program's own table of keys:

    docs/configuration.py build/bicross           compares: exit status 1 where the page is not what the program says
    docs/configuration.py build/bicross --write   writes it
"""
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).with_name("configuration.md")
HEAD = """# Configuration

A configuration is an INI file (`apps/configs/` has some; `published.ini` says of every number where it comes from). Every command that reads one takes
`--config FILE`, and `--set section.key=value` as often as wanted, which wins over the file. A key that the program does not know is an error, with the nearest
name that it knows. `bicross train --config FILE --print-config` prints every key with the value that counts.

Printed by `docs/configuration.py build/bicross --write`; the test `docs.configuration` fails where the program says something else.
"""
ABOUT = {
    "run": "The run as a whole.",
    "device": "Where and how it is computed.",
    "model": "The network.",
    "data": "What it learns from, and is tested on ([data.md](data.md)).",
    "augment": "What samples go through before the network sees them.",
    "crossmodality": "Phase 1: the RGB network teaches the spike network ([method.md](method.md) 2.5, 2.6).",
    "crossdomain": "Phase 2: to the target's spikes, without its labels; also for the stage `control`, which has its first term alone.",
    "pretrain": "The RGB network.",
    "neuromorphic": "The spike network on labelled source spikes alone (Pre_src).",
    "supervised": "The spike network with labels of the target: what they would be worth.",
    "eval": "How depth is scored.",
}


def page(program):
    text = subprocess.run([program, "train", "--print-config"], check=True, capture_output=True, text=True).stdout
    lines, meaning = [HEAD], ""
    for line in text.splitlines():
        if line.startswith("["):
            name = line.strip("[]")
            lines += ["", f"## [{name}]", "", *([ABOUT[name], ""] if name in ABOUT else []), "| key | default | meaning |", "|---|---|---|"]
        elif line.startswith(";"):
            meaning = line[1:].strip()
        elif "=" in line:
            key, value = (part.strip() for part in line.split("=", 1))
            words = re.search(r" \(([^()|]+(?:\|[^()|]+)+)\)$", meaning)
            if words:
                meaning = meaning[: words.start()] + "; one of " + ", ".join(f"`{w}`" for w in words[1].split("|"))
            lines.append(f"| `{key}` | {'`%s`' % value if value != chr(34) * 2 else ''} | {meaning.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"


def main():
    wanted = page(sys.argv[1])
    if sys.argv[2:] == ["--write"]:
        PAGE.write_text(wanted, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != wanted:
        sys.exit(f"{PAGE} is not what the program says: docs/configuration.py {sys.argv[1]} --write")


main()
