#!/usr/bin/env python3
"""What several ranks cost each other: measured, modelled, and the model for networks and devices that were not there.

    model.py --check PAGE FILE.json ...     whether the page is what it prints
    model.py FILE.json ...     what `apart.sh RANKS RATE DELAY bicross bench --ranks --json FILE` measured; prints vendor_notes/scaling.md

The model. Backward makes the buckets one after the other; a rank's link takes them in that order. With N ranks a bucket of B bytes crosses each
link as 2 (N - 1) / N * B: its parts go to the ranks that add them up, and the sums come back. Each of these two exchanges also costs 2 (N - 1) messages.
A pass ends when backward has ended and the last bucket is there. What the host does for the sums (copies, additions, the network's own work) takes the core
time of a CPU device, and is hidden on none; of a GPU it is not.
"""
import json
import pathlib
import sys

GIGABIT = 1e9 / 8


def bucket_times(row):
    """[(bytes, seconds until it is ready)] of one pass, whose sums did not wait for the network."""
    return [(size, ready) for size, ready, _ in row["buckets"]]


def together(buckets, pass_seconds, ranks, bytes_per_second, message_seconds, host_seconds):
    """Seconds of a pass with its sums, and of the sums alone."""
    link = alone = 0.0
    for size, ready in buckets:
        cost = 2 * (ranks - 1) / ranks * size / bytes_per_second + 2 * (ranks - 1) * message_seconds
        link = max(link, ready) + cost
        alone += cost
    return max(pass_seconds + host_seconds, link), alone


def rate_of(name):
    """The rate in a file's name, bytes a second: hybrid-2-1gbit.json; None where there is no limit."""
    text = name.rsplit("-", 1)[1].split(".")[0]
    return None if text == "none" else float(text.replace("gbit", "")) * GIGABIT


def read(paths):
    rows = []
    for path in paths:
        data = json.load(open(path, encoding="utf-8"))
        for row in data["results"]:
            if row["kind"] == "ranks":
                rows.append(dict(row, device=data["device"], rate=rate_of(pathlib.Path(path).name), bytes=sum(b[0] for b in row["buckets"])))
    return rows


# What TCP carries of a link's rate: headers of Ethernet, IP and TCP with frames of 1500 bytes.
TCP = 0.94
# One small message through MPI and TCP between two processes of this machine, with what the sums do for it.
MESSAGE = 20e-6


def table(lines, head, rows):
    lines.append("| " + " | ".join(head) + " |")
    lines.append("|" + "---|" * len(head))
    lines += ["| " + " | ".join(str(c) for c in row) + " |" for row in rows]
    lines.append("")


def measured(lines, rows):
    out = []
    for row in rows:
        free = [r for r in rows if r["rate"] is None and r["name"] == row["name"] and r["ranks"] == row["ranks"]]
        host = free[0]["sum_seconds"] if free else 0
        cells = [row["name"].replace("ranks ", ""), row["ranks"], "%g Gbit/s" % (row["rate"] / GIGABIT) if row["rate"] else "none",
                 "%.2f" % row["pass_seconds"], "%.2f" % row["sum_seconds"], "%.2f" % row["seconds"], "%.0f %%" % (100 * row["hidden"])]
        if row["rate"] and free:
            ready = bucket_times(free[0])
            scale = row["pass_seconds"] / free[0]["pass_seconds"]
            model, alone = together([(b, t * scale) for b, t in ready], row["pass_seconds"], row["ranks"], TCP * row["rate"], MESSAGE, host)
            cells += ["%.2f" % alone, "%.2f (%+.0f %%)" % (model, 100 * (model / row["seconds"] - 1))]
        else:
            cells += ["", ""]
        out.append(cells)
    table(lines, ["network", "ranks", "link", "pass, s", "sums alone, s", "together, s", "hidden", "model: sums", "model: together"], out)


def extrapolated(lines, row, pass_seconds):
    """Shares of the time in which a rank works on its pass."""
    scale = pass_seconds / row["seconds"]  # that of a core included what the host did
    ready = [(b, t * scale) for b, t in bucket_times(row)]
    late = [(b, pass_seconds) for b, _ in ready]
    halves = [(b / 2, t) for b, t in ready]
    out = []
    for gigabits in (10, 25, 100):
        for ranks in (2, 8, 64, 256):
            speed = TCP * gigabits * GIGABIT
            seconds = [together(way, pass_seconds, ranks, speed, MESSAGE, 0)[0] for way in (late, ready, halves)]
            out.append(["%d Gbit/s" % gigabits, ranks] + ["%.0f %%" % (100 * pass_seconds / s) for s in seconds])
    table(lines, ["link", "ranks", "sums after backward", "beside it", "beside it, in halves"], out)


HEAD = """# Several ranks

Printed by `vendor_notes/scaling/model.py vendor_notes/scaling/*.json`; the files are what `bicross bench --ranks --json` wrote under `vendor_notes/scaling/apart.sh`,
which gives every rank a network namespace of its own, behind a link that `tc` limits (token bucket; the kernel had no netem, so **no delay** was added).
{device}, {cores}; one thread a rank; Open MPI over TCP. Four ranks share two cores. A pass is forward and backward of one rank's batch, without the optimiser;
medians of five, in turn with the sums alone and both together.

*Hidden* is the share of the sums that does not show when both go on together: 1 - (together - pass) / sums.
"""

MIDDLE = """
Where the link has no limit nothing can be hidden on a CPU device: what the sums cost then is copying and adding, for which the same core does it that runs the kernels.
A pass of {small} is too short for the sums at 1 Gbit/s: its backward, whatever the order, has not the time for 70 % of them. With the published batch of 8 over two
ranks, 4 each, it has. *Pass* is one rank's time, so the work of N ranks in the time *together* was compared with it. The model leaves out what it cannot know: delays,
losses, switches that are shared; of a network as small as `tiny` it is too hopeful, as what the host does for each bucket counts there.

## What the model says of devices that were not there

`hybrid` ({megabytes:.0f} MB of gradients), batch {batch} a rank, for a device whose pass takes a tenth or a hundredth of this core's ({passes}).
**None of this was measured.** The share of a rank's time that is its pass, where 100 % would be N times as fast as one:
"""

END = """
So: beside backward always; halves (`device.gradients = half`) pay where the network is slow for the device. From 64 ranks on the messages count: buckets of 4 MiB are cut
into N parts, and larger ones would be better there (not built: nobody has run that many).
"""


def page(paths):
    rows = read(paths)
    hybrid = [r for r in rows if "hybrid" in r["name"] and r["ranks"] == 2 and r["rate"] is None]
    largest = max(hybrid, key=lambda r: r["pass_seconds"])
    smallest = min(hybrid, key=lambda r: r["pass_seconds"])
    lines = [HEAD.format(device=rows[0]["device"], cores="two cores")]
    measured(lines, rows)
    fast = [largest["pass_seconds"] / 10, largest["pass_seconds"] / 100]
    lines.append(MIDDLE.format(small=smallest["name"].replace("ranks ", ""), megabytes=largest["bytes"] / 1e6,
                               batch=largest["name"].split("batch ")[1].split()[0], passes=" and ".join("%.2f s" % f for f in fast)))
    for seconds in fast:
        lines.append("A pass of %.2f s:\n" % seconds)
        extrapolated(lines, largest, seconds)
    lines.append(END.strip())
    return "\n".join(lines) + "\n"


def main():
    if sys.argv[1:2] == ["--check"]:
        if open(sys.argv[2], encoding="utf-8").read() != page(sorted(sys.argv[3:])):
            sys.exit(f"{sys.argv[2]} is not what {sys.argv[0]} prints")
    elif len(sys.argv) > 1:
        sys.stdout.write(page(sorted(sys.argv[1:])))
    else:
        sys.exit(__doc__)


main()
