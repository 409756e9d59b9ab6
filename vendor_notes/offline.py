#!/usr/bin/env python3
"""Compiles every kernel for GPUs that are not here, and fails where one would not work well there.

    offline.py LISTER FOLDER [TABLE.md]

LISTER is the program list_kernels (tests/list_kernels.c): it says which sources the program builds with which options and
which kernels it launches with which work-groups, on CPUs and on GPUs. FOLDER keeps what was compiled, so that nothing is
compiled twice. The result goes to TABLE.md.

What GPUs are given is compiled for all of them; what only CPUs are given, for one of each vendor.

It fails (status 1) on: a source that a compiler refuses; a kernel for GPUs that spills registers (MAY_SPILL has the
exceptions); more than 32 KiB of local memory; a work-group of more than 256; a kernel of cl_kernels/ that the program never
launches. The newest clang that is installed, and that can read libclc, is taken. A compiler that is absent is left out, with a word on the package that has it; without any the status is 77.

Compiling proves nothing about results, and register counts are estimates of what the vendor's driver will do."""

import concurrent.futures
import fnmatch
import hashlib
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

LOCAL_LIMIT = 32 * 1024
GROUP_LIMIT = 256

# What GPUs are given although it spills (kernel and target, with * for any), and why that is borne.
MAY_SPILL = {
    "* on Intel pvc": "this ocloc gives a thread 32 work-items whatever they need, so that 64 numbers each fill its registers",
    "gemm.cl:gemm_tile on *": "its tile is for CPUs; a GPU gets it only when asked to, by `device.gemm = panel`",
    "gemm.cl:gemm_vector on *": "likewise",
    "loader.cl:load_spikes on *": "runs once for each image",
    "spike.cl:spike_simulate on *": "runs once for each image, while data are made",
    "world.cl:world_render on *": "runs once for each image, while data are made",
}


def run(command, folder):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace")
    return done.returncode, done.stdout + done.stderr


def found(path):
    return os.path.isfile(path)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


def text_after(pattern, text):
    match = re.search(pattern, text)
    return match.group(1) if match else "unknown"


class Refused(Exception):
    """A compiler's own words about a source that it does not take."""


def need(command, folder):
    status, log = run(command, folder)
    if status:
        lines = [line for line in log.splitlines() if "error" in line.lower() or "warning" in line] or log.splitlines()
        raise Refused("; ".join(line.strip() for line in lines[:3]))
    return log


def clangs(least=14):
    """Versions that are here, newest first."""
    return [version for version in range(25, least - 1, -1) if shutil.which(f"clang-{version}")]


def clang_text(version, folder):
    return "clang " + text_after(r"version (\d[\d.]*)", run([f"clang-{version}", "--version"], folder)[1])


# --- the compilers. compile() takes a source, its options and a folder of its own, and returns, for each kernel, a
# --- dictionary with the numbers that it knows: registers, spills, scratch (bytes a work-item), local (bytes) ---


class Clang:
    """clang for AMD or NVIDIA, with the built-in functions of libclc."""

    package = "clang-19 or newer, and libclc-15"
    oldest = 14

    def __init__(self, name, flags, library, ending):
        self.name, self.ending = name, ending
        self.flags = flags + ["-x", "cl", "-O3", "-Wno-linker-warnings", "-Xclang", "-finclude-default-header", "-Xclang",
                              "-mlink-builtin-bitcode", "-Xclang", "/usr/lib/clc/" + library]

    def find(self, folder):
        probe = os.path.join(folder, "probe.cl")
        with open(probe, "w", encoding="utf-8") as file:
            file.write("__kernel void k(__global float *x) { x[get_global_id(0)] = exp(x[0]); }\n")
        for version in clangs(self.oldest):
            self.clang = f"clang-{version}"
            try:
                self.assemble(probe, ["-cl-std=CL1.2"], folder)
            except Refused:  # it cannot read this libclc, or there is none
                continue
            self.version = clang_text(version, folder)
            return True
        return False

    def assemble(self, source, options, folder):
        output = os.path.join(folder, "out." + self.ending)
        need([self.clang] + self.flags + options + ["-S", source, "-o", output], folder)
        return read(output)


class Amd(Clang):
    def __init__(self, device):
        super().__init__(f"AMD {device}", ["--target=amdgcn-amd-amdhsa", f"-mcpu={device}", "-nogpulib"],
                         "amdgcn--amdhsa.bc", "s")
        if device == "gfx1100":
            self.oldest = 16  # 15 gives a work-item 128 of its 256 registers

    def compile(self, source, options, folder):
        text = self.assemble(source, options, folder)
        missing = set(re.findall(r"([\w.$]+)@(?:gotpc)?rel32@lo", text)) - set(re.findall(r"^([\w.$]+):", text, re.M))
        if missing:
            raise Refused("there is no " + ", ".join(sorted(missing)))
        kernels = {}
        for entry in text.split("\namdhsa.kernels:")[1].split("\namdhsa.")[0].split("\n  - ")[1:]:
            name = re.search(r"^    \.name:\s+(\w+)", entry, re.M).group(1)
            number = dict(re.findall(r"^ *\.(\w+):\s+(\d+)$", entry, re.M))
            kernels[name] = {"registers": int(number["vgpr_count"]), "spills": int(number["vgpr_spill_count"]),
                             "scratch": int(number["private_segment_fixed_size"]),
                             "local": int(number["group_segment_fixed_size"])}
        return kernels


def find_ptxas():
    """$PTXAS, else the one in the path, else that of a CUDA toolkit where toolkits are installed; None: there is none. Its Python packages
    (nvidia-cuda-nvcc) have one, too: PTXAS=VENV/lib/python3/site-packages/nvidia/cuda_nvcc/bin/ptxas."""
    named = os.environ.get("PTXAS")
    if named and not shutil.which(named):
        sys.exit(f"PTXAS is {named}, which cannot be run")
    toolkits = [os.environ.get("CUDA_HOME"), os.environ.get("CUDA_PATH"), "/usr/local/cuda"]
    return named or shutil.which("ptxas") or next(
        filter(None, (shutil.which(os.path.join(toolkit, "bin/ptxas")) for toolkit in toolkits if toolkit)), None)


class Nvidia(Clang):
    def __init__(self, device):
        # The back end has no native_exp.
        super().__init__(f"NVIDIA {device}", ["--target=nvptx64-nvidia-nvcl", "-Xclang", "-target-cpu", "-Xclang", device,
                                              "-Xclang", "-target-feature", "-Xclang", "+ptx70", "-Dnative_exp=exp"],
                         "nvptx64--nvidiacl.bc", "ptx")
        self.device = device
        self.ptxas = find_ptxas()

    def find(self, folder):
        if not super().find(folder):
            return False
        if self.ptxas:
            self.version += ", ptxas " + text_after(r"release ([\d.]+)", run([self.ptxas, "--version"], folder)[1])
        return True

    def compile(self, source, options, folder):
        text = self.assemble(source, options, folder)
        missing = re.findall(r"\.extern \.func[^;]*?(\w+)\s*\(?\s*[;(]", text)
        if missing:
            raise Refused("there is no " + ", ".join(sorted(set(missing))))
        kernels = {name: {} for name in re.findall(r"\.entry (\w+)", text)}
        if not self.ptxas:
            return kernels
        log = need([self.ptxas, "-v", f"-arch={self.device}", "out.ptx", "-o", "out.cubin"], folder)
        for part in log.split("Compiling entry function '")[1:]:
            memory = re.search(r"(\d+) bytes smem", part)
            kernels[part.split("'")[0]] = {
                "registers": int(text_after(r"Used (\d+) registers", part)),
                "spills": int(text_after(r"(\d+) bytes spill stores", part)) // 4,
                "scratch": int(text_after(r"(\d+) bytes stack frame", part)),
                "local": int(memory.group(1)) if memory else 0}
        return kernels


class Intel:
    """ocloc. Each thread has 128 registers of 32 bytes; what varies is how many work-items share them (SIMD)."""

    # Numbers of two patches in a kernel's binary (intel-graphics-compiler, patch_list.h).
    LOCAL_SURFACE, EXECUTION_ENVIRONMENT = 15, 23

    def __init__(self, device):
        self.name, self.device, self.package = f"Intel {device}", device, "intel-opencl-icd"

    def find(self, folder):
        self.ocloc = shutil.which("ocloc")
        if not self.ocloc:
            return False
        run([self.ocloc, "query", "OCL_DRIVER_VERSION"], folder)
        path = os.path.join(folder, "OCL_DRIVER_VERSION")
        self.version = "ocloc " + (text_after(r"([\d.]+)", read(path)) if found(path) else "of unknown version")
        return True

    def compile(self, source, options, folder):
        log = need([self.ocloc, "compile", "-file", source, "-device", self.device, "-options", " ".join(options),
                    "-output", "out", "-output_no_suffix", "-out_dir", folder], folder)
        spills = dict(re.findall(r"kernel (\w+)\s+compiled SIMD\d+ allocated \d+ regs and spilled around (\d+)", log))
        binary = next(name for name in os.listdir(folder) if name.startswith("out") and not name.endswith(".spv"))
        run([self.ocloc, "disasm", "-file", binary, "-dump", "dump", "-device", self.device], folder)
        kernels = {name: {"spills": int(count)} for name, count in spills.items()}
        listing = os.path.join(folder, "dump", "PTM.txt")
        if found(listing):  # a newer ocloc writes another format: then only the spills are known
            for part in read(listing).split("KernelName ")[1:]:
                kernels.setdefault(part.split()[0], {"spills": 0}).update(self.resources(part))
        return kernels

    def resources(self, part):
        patches = dict(re.findall(r"4 Token (\d+)\n\t4 Size \d+\n\tHex ([0-9a-f ]+)", part))
        local = self.numbers(patches.get(str(self.LOCAL_SURFACE), ""))
        return {"simd": self.numbers(patches[str(self.EXECUTION_ENVIRONMENT)])[3], "local": local[1] if local else 0}

    @staticmethod
    def numbers(text):
        data = bytes(int(byte, 16) for byte in text.split())
        return [int.from_bytes(data[i:i + 4], "little") for i in range(0, len(data) - 3, 4)]


class Strict:
    """OpenCL C 1.2 and nothing else: no double, no extension, no warning."""

    name, package = "OpenCL C 1.2", "clang-19 or newer"

    def find(self, folder):
        for version in clangs()[:1]:
            self.command = [f"clang-{version}", "-x", "cl", "--target=spir64", "-Xclang", "-cl-ext=-all", "-Xclang",
                            "-finclude-default-header", "-Wall", "-Wextra", "-pedantic", "-Wdouble-promotion",
                            "-Wno-unused-parameter", "-Werror", "-fsyntax-only"]
            self.version = clang_text(version, folder)
            return True
        return False

    def compile(self, source, options, folder):
        need(self.command + options + [source], folder)
        return {}


TARGETS = [Strict(), Amd("gfx90a"), Amd("gfx1030"), Amd("gfx1100"), Nvidia("sm_75"), Intel("tgllp"), Intel("dg2"),
           Intel("pvc")]


# --- what there is to compile ---


class Kernel:
    def __init__(self, gpu, source, options, name, groups):
        self.gpu, self.source, self.name = gpu == "gpu", source, name
        self.options = options.split()
        self.groups = [] if groups == "-" else [tuple(map(int, g.split("x"))) for g in groups.split(",")]

    def program(self):
        return self.source, tuple(self.options)

    def defines(self):
        return " ".join(option[2:] for option in self.options if option.startswith("-D")) or "-"

    def label(self):
        return f"{self.source}:{self.name} ({'GPU' if self.gpu else 'CPU'} family, {self.defines()})"


def list_kernels(lister, folder):
    texts = os.path.join(folder, "sources")
    shutil.rmtree(texts, ignore_errors=True)
    os.makedirs(texts)
    subprocess.run([lister, texts], stdout=subprocess.DEVNULL, check=True)
    shutil.rmtree(os.path.join(texts, "runs"))
    return texts, [Kernel(*line.split("\t")) for line in read(os.path.join(texts, "kernels.txt")).splitlines()]


def unreached(kernels):
    launched = {(k.source, k.name) for k in kernels if k.groups}
    for source, name in sorted({(k.source, k.name) for k in kernels} - launched):
        yield f"{source}:{name} is never launched: tests/list_kernels.c does not reach it"
    here = os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "cl_kernels")
    for source in sorted(set(os.listdir(here)) - {k.source for k in kernels}):
        if source.endswith(".cl"):
            yield f"{source} is never built: tests/list_kernels.c does not reach it"


# --- compiling ---


class Cache:
    """Results by what they depend on: compiler, how it is called and read, source, options."""

    def __init__(self, folder):
        self.folder = os.path.join(folder, "results")
        os.makedirs(self.folder, exist_ok=True)
        self.used = set()

    def path(self, target, text, options):
        called = "".join(inspect.getsource(kind) for kind in type(target).__mro__[:-1])
        key = "\0".join([called, target.name, target.version, text, *options])
        name = hashlib.sha256(key.encode()).hexdigest()[:32] + ".json"
        self.used.add(name)
        return os.path.join(self.folder, name)

    def forget_others(self):
        for name in set(os.listdir(self.folder)) - self.used:
            os.remove(os.path.join(self.folder, name))


def compile_program(cache, target, texts, program):
    """The kernels' numbers, or the compiler's words as a string."""
    source, options = program
    path = os.path.join(texts, source)
    kept = cache.path(target, read(path), options)
    if found(kept):
        return json.loads(read(kept))
    with tempfile.TemporaryDirectory(dir=cache.folder + "/..") as folder:
        try:
            result = target.compile(path, list(options), folder)
        except Refused as refusal:
            result = str(refusal).replace(texts + "/", "")
    with open(kept, "w", encoding="utf-8") as file:
        json.dump(result, file)
    return result


def one_of_each(targets):
    """The first target of each vendor."""
    return [t for i, t in enumerate(targets) if type(t) not in map(type, targets[:i])]


def compile_all(folder, texts, targets, kernels):
    cache = Cache(folder)
    for_gpus = {kernel.program() for kernel in kernels if kernel.gpu}
    # Long sources first, so that no core is left with one at the end.
    programs = sorted({kernel.program() for kernel in kernels}, key=lambda p: (-os.path.getsize(os.path.join(texts, p[0])), p))
    few = one_of_each(targets)
    jobs = [(target, program) for program in programs for target in (targets if program in for_gpus else few)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda job: compile_program(cache, job[0], texts, job[1]), jobs)
        done = {(target.name, program): result for (target, program), result in zip(jobs, results)}
    cache.forget_others()
    return done


# --- what is wrong with it ---


def faults(kernels, targets, results):
    for kernel in kernels:
        for group in kernel.groups:
            if group[0] * group[1] * group[2] > GROUP_LIMIT:
                yield f"{kernel.label()} has a work-group of {group}; at most {GROUP_LIMIT} is portable"
    for (target, program), result in results.items():
        if isinstance(result, str):
            yield f"{program[0]} with {' '.join(program[1])} is refused by {target}: {result}"
    for kernel in kernels:
        for target in targets:
            numbers = numbers_of(results, target, kernel) or {}
            if numbers.get("local", 0) > LOCAL_LIMIT:
                yield f"{kernel.label()} takes {numbers['local']} bytes of local memory on {target.name}, more than {LOCAL_LIMIT}"
            place = f"{kernel.source}:{kernel.name} on {target.name}"
            borne = any(fnmatch.fnmatchcase(place, pattern) for pattern in MAY_SPILL)
            if kernel.gpu and kernel.groups and numbers.get("spills", 0) and not borne:
                yield f"{kernel.label()} spills {numbers['spills']} registers on {target.name}"


def numbers_of(results, target, kernel):
    """None: not compiled for this target, or refused."""
    result = results.get((target.name, kernel.program()))
    return None if result is None or isinstance(result, str) else result.get(kernel.name, {})


# --- the table ---


def cell(numbers):
    if numbers is None:
        return "refused"
    spills, scratch = numbers.get("spills"), numbers.get("scratch")
    text = f"SIMD{numbers['simd']}" if "simd" in numbers else str(numbers.get("registers", "compiles"))
    return text + (f" +{spills}" if spills else f" ({scratch} B)" if scratch else "")


def table(kernels, targets, results):
    yield "| kernel | options | work-group | local |" + "".join(f" {target.name} |" for target in targets)
    yield "|---|---|---|--:|" + "--:|" * len(targets)
    for k in sorted(kernels, key=lambda k: (k.source, k.name, k.options)):
        numbers = [numbers_of(results, target, k) for target in targets]
        local = max((n.get("local", 0) for n in numbers if n), default=0)
        groups = ", ".join("x".join(map(str, group)) for group in sorted(k.groups))
        yield (f"| {k.source}:{k.name} | {k.defines()} | {groups} | {local} |" + "".join(f" {cell(n)} |" for n in numbers))


INTRODUCTION = """\
# Every kernel, compiled for GPUs that were not there

Written by `./run vendors` (vendor_notes/offline.py). **Nothing in it was run**, and register counts are estimates of what the
vendor's driver will do. What the program launches in networks, training, evaluation, spikes, data and bench is compiled with every
set of options that it chooses there, by vendors' compilers and as strict OpenCL C 1.2.

A cell has the vector registers of a work-item (AMD, NVIDIA), or the work-items that share a thread's 128 registers (Intel), after
`+` the registers that did not fit, and else in brackets the private memory of a work-item. *local* is the local memory of a
work-group, in bytes.
"""


def write_table(path, kernels, targets, absent, results):
    lines = [INTRODUCTION, "Compiled with:", ""] + [f"- {t.name}: {t.version}" for t in targets]
    lines += [f"- {t.name}: not compiled, for want of the package {t.package}" for t in absent]
    lines += ["", "Spills that are borne:", ""] + [f"- `{place}`: {why}" for place, why in MAY_SPILL.items()]
    counted = [target for target in targets if not isinstance(target, Strict)]
    for_gpus = {k.program() for k in kernels if k.gpu}
    lines += ["", "## What GPUs are given", "", *table([k for k in kernels if k.gpu and k.groups], counted, results)]
    lines += ["", "## What only CPUs are given", "", "Compiled for one target of each vendor, to see that it is taken; it may spill there.",
              "", *table([k for k in kernels if k.groups and k.program() not in for_gpus], one_of_each(counted), results)]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    lister, folder = map(os.path.abspath, sys.argv[1:3])
    os.makedirs(folder, exist_ok=True)
    targets, absent = [], []
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        for target in TARGETS:
            (targets if target.find(scratch) else absent).append(target)
    for target in absent:
        print(f"{target.name} is left out: its compiler comes with the package {target.package}")
    if not targets:
        sys.exit(77)
    texts, kernels = list_kernels(lister, folder)
    results = compile_all(folder, texts, targets, kernels)
    if len(sys.argv) == 4:
        write_table(sys.argv[3], kernels, targets, absent, results)
    wrong = list(dict.fromkeys([*unreached(kernels), *faults(kernels, targets, results)]))
    for fault in wrong:
        print("FAIL: " + fault)
    print(f"{len({k.program() for k in kernels})} programs for {len(targets)} targets: {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
