#!/usr/bin/env python3
"""The walls of the house (README, "The house"): an include and a call go only to a room that comes before, or stay in their room;
and no two files need each other's functions.

    walls.py ROOT OBJECTS [--plant FILE HEADER]     OBJECTS: the folder of object files; --plant: as if FILE had that include, too
"""
import pathlib
import re
import subprocess
import sys

# Each room uses only those before it. A storey's own files, beside its rooms, come after them.
ROOMS = """
cl_kernels
host/base host/device host/team host/tuning host/gemm host
net/graph net/ops net/reference net/onnx net/store net/models
bicross/formats bicross/losses bicross/data bicross/world bicross/config bicross/train bicross/report bicross/reference
library
apps/common apps/bench apps
""".split()
STOREYS = sorted({room.split("/")[0] for room in ROOMS})


def room_of(path):
    return str(pathlib.PurePosixPath(path).parent)


def includes(root):
    """Pairs (file, header) of all quoted includes, and complaints about those that lead nowhere."""
    pairs, faults = [], []
    for file in [f for s in STOREYS for f in sorted((root / s).rglob("*.[ch]"))]:
        name = file.relative_to(root).as_posix()
        if room_of(name) not in ROOMS:
            faults.append(f"{name}: {room_of(name)} is no room of the house")
        for header in re.findall(r'^#include "([^"]+)"', file.read_text(), re.M):
            if not (root / header).is_file():
                faults.append(f"{name}: there is no {header}")
            elif header.split("/")[0] in STOREYS:
                pairs.append((name, header))
    return pairs, faults


def calls(root, objects):
    """Pairs (file, file, symbol): the first needs a symbol that the second defines."""
    names, defined, needed = {}, {}, []
    for file in sorted(objects.rglob("*.c.o")):
        match = re.search(r"/((?:%s)/.+\.c)\.o$" % "|".join(STOREYS), file.as_posix())
        if match and (root / match[1]).is_file():  # not of one that has moved since
            names[str(file)] = match[1]
    if not names:
        return []
    listed = subprocess.run(["nm", "-P", "-A", *names], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        file, symbol, kind = line.split()[:3]
        name = names[file[:-1]]
        if kind == "U":
            needed.append((name, symbol))
        elif kind in "TDBRC":
            defined[symbol] = name
    return [(file, defined[s], s) for file, s in needed if s in defined and defined[s] != file]


def wrong_way(pairs, verb):
    order = {room: i for i, room in enumerate(ROOMS)}
    for here, there, what in pairs:
        if order.get(room_of(there), 0) > order.get(room_of(here), len(ROOMS)):
            yield f"{here} {verb} {what}: {room_of(there)} comes after {room_of(here)}"


def circles(pairs):
    """One complaint for each set of files that need each other (Tarjan's strongly connected components)."""
    graph = {}
    for a, b, _ in pairs:
        graph.setdefault(a, set()).add(b)
        graph.setdefault(b, set())
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(graph[node]):
            if other not in index:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == index[node]:
            group = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(group) > 1:
                inside = sorted({f"{a} {s} of {b}" for a, b, s in pairs if a in group and b in group})
                found.append("these need each other: " + ", ".join(sorted(group)) + "\n    " + "\n    ".join(inside))

    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def main():
    root = pathlib.Path(sys.argv[1])
    pairs, faults = includes(root)
    if sys.argv[3:4] == ["--plant"]:
        pairs.append((sys.argv[4], sys.argv[5]))
    called = calls(root, pathlib.Path(sys.argv[2]))
    if not called:
        faults.append(f"there are no object files below {sys.argv[2]}")
    faults += wrong_way([(file, header, header) for file, header in pairs], "includes")
    faults += list(wrong_way(called, "needs")) + circles(called)
    print("\n".join(faults) or f"{len(pairs)} includes and {len(called)} uses, none against the house")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
