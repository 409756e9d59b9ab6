#!/usr/bin/env python3
"""The page that `bicross report` writes, read by a real parser: it is well formed, can be read without eyes and without a network, and its
numbers are those of results.json.

    report_html.py PROGRAM
"""
import html.parser
import json
import math
import pathlib
import random
import re
import statistics
import struct
import subprocess
import sys
import tempfile
import zlib

VOID = {"meta", "img", "br", "link", "input", "hr"}
ARMS = ["Pre_src", "Pre_src, longer", "MonoCross", "Control", "BiCross", "Control+", "BiCross+", "Supervised"]


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.stack, self.faults, self.ids, self.links, self.headings = [], [], [], [], []
        self.tables, self.images, self.charts, self.words = [], [], 0, []
        self.feed(text)
        self.close()
        if self.stack:
            self.faults.append(f"not closed: {self.stack}")

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if len(a) != len(attributes):
            self.faults.append(f"<{tag}> has an attribute twice")
        if "id" in a:
            self.ids.append(a["id"])
        for name in ("href", "src"):
            if name in a:
                self.links.append(a[name])
        if tag == "img":
            self.images.append(a)
        elif tag == "svg":
            self.charts += 1
            if a.get("role") != "img":
                self.faults.append("a chart without role=img")
        elif tag == "table":
            self.tables.append({"caption": "", "heads": 0, "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("th", "td"):
            self.tables[-1]["rows"][-1].append({"tag": tag, "text": "", "values": []})
            if tag == "th" and a.get("scope") not in ("col", "row"):
                self.faults.append("a th without scope")
        elif tag == "data" and "td" in self.stack:
            self.tables[-1]["rows"][-1][-1]["values"].append(float(a["value"]))
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID and not (tag == "path" or tag in ("circle", "rect", "polyline")):
            self.stack.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if self.stack and self.stack[-1] == tag:
            self.stack.pop()

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"</{tag}> ends nothing at {self.getpos()}")

    def handle_data(self, data):
        if "style" in self.stack:
            return
        self.words.append(data)
        if "caption" in self.stack:
            self.tables[-1]["caption"] += data
        elif self.stack and ("td" in self.stack or "th" in self.stack):
            self.tables[-1]["rows"][-1][-1]["text"] += data


def check(condition, *what):
    if not condition:
        sys.exit("FAILED: " + " ".join(map(str, what)))


def scores(level, images, new):
    far = {"abs_rel": 2 * level, "images": images}
    out = {k: level * (i + 1) for i, k in enumerate(["abs_rel", "sq_rel", "rmse", "rmse_log", "delta1", "delta2", "delta3"])}
    out |= {"images": images, "looked_at": images, "pixels": 1000, "objects": {"abs_rel": None, "images": 0}, "far": far}
    if new:
        out["uncertainty"] = {
            "sparsification_error": level / 10, "calibration_error": level / 5,
            "by_uncertainty": [level * (1 - k / 30) for k in range(20)], "by_error": [level * (1 - k / 20) for k in range(20)],
            "bin_pixels": [500, 300, 200] + [0] * 7, "bin_uncertainty": [0.05, 0.15, 0.25] + [0] * 7, "bin_error": [0.06, 0.2, 0.3] + [0] * 7}
        noise = random.Random(int(level * 1e6))
        out["image_abs_rel"] = [level + noise.gauss(0, 0.01) for _ in range(images)]
    return out


def demo(seeds, new=True, scenario="scene"):
    content = {"command": "bicross demo --set run.name='<x>'", "version": "0.1.0", "scenario": scenario, "protocol": "generic", "quick": False, "model": "tiny", "method": "paper", "seeds": []}
    for seed in seeds:
        arms = {arm: {"target": scores(0.2 - 0.012 * i + 0.003 * seed * (i % 3), 40, new), "source": scores(0.1, 40, False)} for i, arm in enumerate(ARMS)}
        content["seeds"].append({"seed": seed, "arms": arms})
    return content


def png():
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)) + chunk(b"IDAT", zlib.compress(b"\0" + bytes(6))) + chunk(b"IEND", b"")


def fill(folder, content):
    (folder / "pictures").mkdir(parents=True)
    (folder / "results.json").write_text(json.dumps(content))
    (folder / "pictures" / "target-1.png").write_bytes(png())
    (folder / "pictures" / "target-2.png").write_bytes(png())
    (folder / "device.txt").write_text("device      a & b\nbicross     0.1.0\n")
    for name, scp in (("seed-0/control", "false"), ("seed-0/bicross", "true")):
        (folder / name).mkdir(parents=True)
        (folder / name / "config.ini").write_text(f'[run]\nseed = 0\nout = "{name}"\n[crossdomain]\nscp = {scp}\n')
        rows = [f"{step},{term},{1 / step + (step % 7) / 50}" for step in range(10, 400, 10) for term in ("total", "sig", "new_term")]
        (folder / name / "log.csv").write_text("step,name,value\n" + "\n".join(rows) + "\n")


def report(program, *arguments):
    return subprocess.run([program, "report", *map(str, arguments)], check=True, capture_output=True, text=True)


def read(path):
    text = path.read_text()
    page = Page(text)
    check(not page.faults, page.faults)
    check(len(page.ids) == len(set(page.ids)), "an id stands twice")
    for link in page.links:
        check(link.startswith("data:") or (link[0] == "#" and link[1:] in page.ids), "a link leads out of the page:", link)
    check(not re.search(r"url\(|@import|https?://", text), "something is fetched")
    check(all(image.get("alt") for image in page.images), "a picture without alt text")
    check(page.headings[0] == 1 and page.headings.count(1) == 1, "headings:", page.headings)
    check(all(b <= a + 1 for a, b in zip(page.headings, page.headings[1:])), "a level of headings is left out:", page.headings)
    for table in page.tables:
        check(table["caption"], "a table without caption")
        check(table["rows"][0] and all(c["tag"] == "th" for c in table["rows"][0]), "a table without heads")
        check(all(row[0]["tag"] == "th" and len(row) == len(table["rows"][0]) for row in table["rows"]), "a table with a hole:", table["caption"])
    return page, " ".join("".join(page.words).split())


def check_numbers(page, seeds):
    table = next(t for t in page.tables if t["caption"].startswith("Target"))
    for row, arm in zip(table["rows"][1:], ARMS, strict=True):
        check(row[0]["text"].startswith(arm), "expected", arm, "found", row[0]["text"])
        for cell, key in zip(row[1:], ["abs_rel", "sq_rel", "rmse", "rmse_log", "delta1", "delta2", "delta3"], strict=True):
            expected = [s["arms"][arm]["target"][key] for s in seeds]
            check(math.isclose(cell["values"][0], statistics.mean(expected), rel_tol=1e-7), arm, key, cell, expected)
            text = f"{statistics.mean(expected):.3f}" + (f" ± {statistics.stdev(expected):.3f}" if len(expected) > 1 else "")
            check(cell["text"] == text, arm, key, cell["text"], text)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as top:
        top = pathlib.Path(top)
        several = demo([0, 1, 2])
        fill(top / "several", several)
        report(program, top / "several")
        page, words = read(top / "several" / "report.html")
        check_numbers(page, several["seeds"])
        check(len(page.images) == 2 and page.charts >= 1 + 1 + 8 + 3, page.charts, "charts")
        values = [[s["arms"][arm]["target"]["abs_rel"] for s in several["seeds"]] for arm in ("BiCross", "Control", "Pre_src")]
        pairs = [a - b for a, b in zip(values[0], values[1])]
        half = 4.303 * statistics.stdev(pairs) / math.sqrt(3)
        percent = 100 * (1 - statistics.mean(values[0]) / statistics.mean(values[2]))
        check(f"BiCross is {percent:.0f} % below Pre_src" in words, words[:1500])
        low, high = statistics.mean(pairs) - half, statistics.mean(pairs) + half
        check(low < 0 < high or f"95 % interval {-high:.4f} to {-low:.4f} lower; 3 seeds" in words, low, high, words[:1500])
        check("depth loss, up to scale [sig]" in words and "new_term" in words and "crossdomain.scp" in words, words)
        check("'<x>'" in words and "a & b" in words, "the command or the device is missing")

        one = demo([0])
        fill(top / "one", one)
        report(program, top / "one")
        page, words = read(top / "one" / "report.html")
        check_numbers(page, one["seeds"])
        check("no interval over seeds" in words and "over the 40 test images alone" in words, words[:1500])

        old = demo([0], new=False)  # without uncertainty and images
        fill(top / "old", old)
        report(program, top / "old")
        page, words = read(top / "old" / "report.html")
        check_numbers(page, old["seeds"])
        check("one seed: no interval." in words, words[:1500])

        fill(top / "more", demo([1]))
        fill(top / "other", demo([0], scenario="weather"))
        report(program, top / "one", top / "more", top / "other", "--out", top / "all.html")
        page, words = read(top / "all.html")
        both = demo([0])["seeds"] + demo([1])["seeds"]
        check_numbers(page, both)
        check("2 seeds" in words and "fog and rain" in words and len(page.images) == 6, words[:1500])
        check((top / "all.html").read_bytes() == (report(program, top / "one", top / "more", top / "other", "--out", top / "all.html") and (top / "all.html").read_bytes()), "other bytes")
    print("the pages are whole, and their numbers are right")


if __name__ == "__main__":
    main()
