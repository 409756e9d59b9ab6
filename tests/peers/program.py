"""Runs the program bicross, and any other whose output is wanted."""

import json
import os
import subprocess
import sys
import tempfile


def output_of(command, **environment):
    """What it prints to stdout; what it says on stderr counts only where it fails."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, **environment})
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def bench(arguments, only, part):
    """The rows that one run of `bicross bench` measures."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.json")
        command = [arguments.program, "bench", part, "--only", only, "--json", path]
        for setting in arguments.set:
            command += ["--set", setting]
        output_of(command)
        with open(path, encoding="utf-8") as file:
            return json.load(file)["results"]


def names(arguments, only, part):
    return output_of([arguments.program, "bench", part, "--list", "--only", only]).splitlines()
