#!/usr/bin/env python3
"""The bar, colours and Ctrl-C on a pseudo-terminal.  terminal.py PROGRAM

No line may be as long as the terminal is wide, what it shows comes in one order, and it follows the window when that changes."""
import fcntl
import os
import pathlib
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

program = os.path.abspath(sys.argv[1])
failures = []


def fail(text):
    failures.append(text)
    print("FAILED:", text)


class Terminal:
    """A program whose three streams are a terminal of so many columns."""

    def __init__(self, columns, *words, **variables):
        self.main, other = pty.openpty()
        self.resize(columns)
        environment = {**os.environ, "TERM": "xterm", "BICROSS_SELFTEST": "off", **variables}
        environment = {name: value for name, value in environment.items() if name != "COLUMNS"}
        self.process = subprocess.Popen([program, *words], stdin=other, stdout=other, stderr=other, env=environment,
                                        start_new_session=True)
        os.close(other)
        self.text = ""

    def resize(self, columns):
        fcntl.ioctl(self.main, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def read_until(self, pattern, seconds=120):
        """True when the pattern appears in what comes from now on."""
        begin, until = len(self.text), time.monotonic() + seconds
        while time.monotonic() < until:
            if pattern and re.search(pattern, self.text[begin:]):
                return True
            if select.select([self.main], [], [], 0.2)[0]:
                try:
                    piece = os.read(self.main, 65536)
                except OSError:  # the other side is closed
                    return False
                self.text += piece.decode()
        return False

    def finish(self, seconds=120):
        self.read_until(None, seconds)
        os.close(self.main)
        return self.process.wait(timeout=10)


def drawn_lines(text):
    """What stood in lines, each time that one was drawn, without escape sequences."""
    plain = re.sub(r"\033\[[0-9;]*[A-Za-z]", "", text)
    return [line for line in re.split(r"[\r\n]+", plain) if line]


def bars(text):
    return [line for line in drawn_lines(text) if re.search(r"\[[# ]+\]", line)]


ORDER = re.compile(r"(?P<label>\S+) \[(?P<bar>#* *)\] +(?P<percent>\d+)%(  (?P<left>\S+) left  (?P<speed>[0-9.]+)/s)?"
                   r"(  loss (?P<loss>-?[0-9.]+))?(  [a-z_]+ -?[0-9.e+-]+)*$")
training = ["train", "--stage", "neuromorphic", "--set", "neuromorphic.batch=2", "--set", "model.input_height=32", "--set",
            "model.input_width=64", "--set", "data.source_count=8", "--set", "data.validation_count=2", "--set",
            "neuromorphic.validate_every=1000", "--overwrite"]


def check_widths():
    subprocess.run([program, *training, "--out", "first", "--set", "neuromorphic.steps=2"], check=True, capture_output=True,
                   env=dict(os.environ, BICROSS_SELFTEST="off"))  # compiles
    for columns in (60, 80, 120, 200):
        t = Terminal(columns, *training, "--out", "run", "--set", "neuromorphic.steps=40")
        if t.finish() != 0:
            fail(f"training at {columns} columns: {t.text[-500:]}")
        found = bars(t.text)
        if not found:
            fail(f"no bar at {columns} columns: {t.text[-500:]}")
        for line in found:
            if len(line) >= columns:
                fail(f"a bar of {len(line)} columns at {columns}: {line!r}")
            if not ORDER.match(line):
                fail(f"another order at {columns} columns: {line!r}")
        first, last = ORDER.match(found[0]), ORDER.match(found[-1])
        if not first or first["percent"] != "2" or not first["loss"]:
            fail(f"the first bar is not the first update's at {columns} columns: {found[0]!r}")
        if not last or last["percent"] != "100" or not last["left"] or not last["loss"] or " " in last["bar"]:
            fail(f"the last bar at {columns} columns: {found[-1]!r}")
        if columns == 200 and last and "rate" not in found[-1]:
            fail(f"there is room for more at 200 columns: {found[-1]!r}")


def check_counting():
    quietly = {"check": True, "capture_output": True, "env": dict(os.environ, BICROSS_SELFTEST="off")}
    subprocess.run([program, "synth", "--scenario", "syn2real", "--split", "target", "--count", "2", "--size", "32x64", "--out",
                    "world"], **quietly)
    subprocess.run([program, "simulate", "--frames", "world/rgb", "--out", "long.dat", "--fps-up", "102400"], **quietly)
    words = ["predict", "--weights", "first/neuromorphic/weights.safetensors", "--spikes", "long.dat", "--size", "32x64",
             "--stream"]
    t = Terminal(80, *words)
    t.finish()
    found = bars(t.text)
    results = [line for line in drawn_lines(t.text) if re.match(r"window \d+ of 800, .* mean [0-9.]+ m$", line)]
    if len(results) != 800:
        fail(f"{len(results)} of 800 results are lines of their own: {t.text[-500:]}")
    if len(found) < 3 or not all(ORDER.match(line) and len(line) < 80 for line in found):
        fail(f"the bar of predict: {found[:3]}")
    t = Terminal(80, *words, "--quiet")
    t.finish()
    if bars(t.text) or "windows/s" not in t.text:
        fail(f"predict --quiet: {t.text[-500:]}")
    t = Terminal(80, "reconstruct", "--spikes", "long.dat", "--size", "32x64", "--every", "30000", "--out", "few.png")
    t.finish()
    if bars(t.text):
        fail(f"what takes no second has a bar: {bars(t.text)}")


def check_resize():
    t = Terminal(120, *training, "--out", "run", "--set", "neuromorphic.steps=400000", "--stop-after", "400")
    if not t.read_until(r"\[#* +\] +\d+%.*\r.*\r"):
        fail(f"no bar before the window changes: {t.text[-500:]}")
    t.resize(60)
    t.read_until(r"\r.*\r")  # what was on its way
    narrow = len(t.text)
    t.finish()
    lines = bars(t.text[narrow:])
    if not lines or max(map(len, lines)) >= 60:
        fail(f"the bar does not follow the window: {lines[:3]}")
    for line in lines[1:]:
        match = ORDER.match(line)
        if not match or not match["left"] or not match["loss"]:
            fail(f"something is missing at 60 columns: {line!r}")
            break


def check_interrupts():
    t = Terminal(80, *training, "--out", "stopped", "--set", "neuromorphic.steps=100000")
    t.read_until(r"\] +\d+%")
    t.process.send_signal(signal.SIGINT)
    if t.finish() != 130:
        fail(f"Ctrl-C ends with {t.process.returncode}")
    for said in (r"stopping after this update; once more: at once", r"neuromorphic was stopped after update \d+ of 100000; --resume"):
        if not any(re.match(said, line) for line in drawn_lines(t.text)):
            fail(f"after Ctrl-C no line says {said!r}: {t.text[-500:]}")
    if "error" in t.text:
        fail(f"Ctrl-C is called an error: {t.text[-500:]}")
    t = Terminal(80, *training, "--out", "killed", "--set", "neuromorphic.steps=100000", "--set", "neuromorphic.batch=8",
                 "--set", "model.input_height=256", "--set", "model.input_width=512")  # an update takes long
    t.read_until(r"updates of 8")
    t.process.send_signal(signal.SIGINT)
    t.read_until("once more: at once")
    pressed = time.monotonic()
    t.process.send_signal(signal.SIGINT)
    t.finish()
    if t.process.returncode != -signal.SIGINT:  # what a shell calls 130
        fail(f"Ctrl-C twice ends with {t.process.returncode}")
    if time.monotonic() - pressed > 2:
        fail(f"Ctrl-C twice took {time.monotonic() - pressed:.1f} s")
    kept = [p.name for p in pathlib.Path("killed").rglob("*") if p.is_file()]
    if any("weights" in name for name in kept):
        fail(f"Ctrl-C twice left {kept}")


def check_colours():
    def said(**variables):
        t = Terminal(80, "predict", "--weights", "missing.pt", "--spikes", "missing.npy", **variables)
        t.finish()
        return t.text
    if "\033[1;31merror:\033[0m " not in said():
        fail(f"an error has no colour on a terminal: {said()!r}")
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        if "\033[1" in said(**variables) or "error: " not in said(**variables):
            fail(f"an error with {variables}: {said(**variables)!r}")
    t = Terminal(60, "help", "train")
    t.finish()
    if max(map(len, drawn_lines(t.text))) > 60:
        fail("help is wider than the terminal")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    os.environ.setdefault("XDG_CACHE_HOME", folder + "/cache")
    check_colours()
    check_widths()
    check_counting()
    check_resize()
    check_interrupts()
    os.chdir("/")
print("failed" if failures else "the terminal is treated well")
sys.exit(bool(failures))
