"""numbers.tsv: what PyTorch gives, in short. Its lines:

    tensor NUMBER NAME                      names, once
    form NAME / STAGE / SETTINGS ...        the lines that follow are of it
    term NAME VALUE ALLOWED
    student|heads NUMBER NORM SUM ALLOWED  WEIGHT_ALLOWED  PLACE WEIGHT  PLACE WEIGHT

ALLOWED is how far it may be off. Of a tensor's first moments the norm, and the sum over elements in the order of the device, each times a number that is made from its place and the tensor's
name; the two weights with the largest moments (places in the published order), and how far these may be off."""

import os

import numpy as np

from made import hashed, of_device
from tolerances import GRADIENT, MOVED, moment_allowed, term_allowed
from update import rates_of

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "numbers.tsv")
PLACES = 2
AGAIN = 1e-5  # PyTorch against PyTorch, of what may be off


def factors(name, count):
    """In [-1, 1)."""
    return (hashed(name + "/sum", count) >> np.uint64(40)).astype(np.float64) / 2**23 - 1


def weight_allowed(form, part, name, expected):
    w, before = expected["weights"][part][name], expected["before"][part][name]
    rounding = 2e-7 * np.abs(w).max()
    return MOVED * (2 * np.abs(w - before).max() if form.warm_up else sum(rates_of(form, name))) + rounding


def tensor_row(form, part, name, expected):
    m, w = expected["moments"][part][name], expected["weights"][part][name].ravel()
    used, allowed = m.any(), moment_allowed(expected, part, name)
    places = np.sort(np.argsort(-np.abs(m).ravel(), kind="stable")[:PLACES])
    certain = used and allowed <= GRADIENT * np.linalg.norm(m)
    numbers = [np.linalg.norm(m), (of_device(m) * factors(name, m.size)).sum(), allowed * used,
               weight_allowed(form, part, name, expected) if certain else 1]
    return (part, name, *numbers, *(number for place in places for number in (int(place), w[place])))


def rows_of(form, expected):
    rows = [("form", form.name, form.stage, *form.all_settings())]
    rows += [("term", name, value, term_allowed(value)) for name, value in expected["terms"].items()]
    rows += [tensor_row(form, part, name, expected) for part in expected["moments"] for name in expected["moments"][part]]
    return rows


def text_of(value):
    return f"{value:.8g}" if isinstance(value, float) else str(value)


def write_numbers(rows):
    names = {}
    for row in rows:
        if row[0] in ("student", "heads"):
            names.setdefault(row[1], len(names))
    with open(PATH, "w", encoding="ascii") as file:
        for name, number in names.items():
            file.write(f"tensor\t{number}\t{name}\n")
        for row in rows:
            row = (row[0], names[row[1]], *row[2:]) if row[0] in ("student", "heads") else row
            file.write("\t".join(text_of(value) for value in row) + "\n")


def check_numbers(rows):
    """That the file has these rows."""
    names, stored = {}, []
    with open(PATH, encoding="ascii") as file:
        for line in file:
            kind, *rest = line.rstrip("\n").split("\t")
            if kind == "tensor":
                names[rest[0]] = rest[1]
            else:
                stored.append((kind, names[rest[0]], *rest[1:]) if kind in ("student", "heads") else (kind, *rest))
    assert len(stored) == len(rows), f"{PATH} has {len(stored)} rows, now there are {len(rows)}: --write"
    for old, new in zip(stored, rows):
        same = old[:2] == new[:2] and len(old) == len(new)
        for before, now in zip(old[2:], new[2:]):
            size = max(abs(now), new[4] if len(new) > 4 and new[0] != "form" else 0) if isinstance(now, float) else 0
            same = same and (abs(float(before) - now) <= AGAIN * size if isinstance(now, float) else before == str(now))
        assert same, f"{PATH} has {old}, now it would be {new}: --write, if PyTorch is right"
