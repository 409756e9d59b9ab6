"""Runs one network in one library, in a process of its own, so that its threads are gone when bicross runs and its peak
memory is its own. FOLDER holds what prepare.py makes; the maps go to maps.npz in it. Prints JSON; with --time: seconds,
process_bytes."""

import argparse
import json
import os

import numpy as np

from timing import median


def torch_work(job, planes):
    import torch
    from safetensors.torch import load_file

    from model import DepthNetwork

    torch.set_num_threads(job.threads)
    layout = torch.channels_last if job.way == "channels_last" else torch.contiguous_format
    with torch.device("meta"):  # the file's tensors become the parameters, without a copy
        network = DepthNetwork(job.model, job.heads)
    network.load_state_dict(load_file(job.file("weights.safetensors")), assign=True)
    network.to(memory_format=layout)
    run = torch.compile(network) if job.way == "compiled" else network
    spikes = torch.from_numpy(planes).contiguous(memory_format=layout)

    def forward():
        with torch.autocast("cpu", torch.bfloat16, enabled=job.precision == "bf16"):
            return [m.float() for m in run(spikes)]

    return training_step(network, forward) if job.mode == "training" else torch.inference_mode()(forward)


def training_step(network, forward):
    """As in bicross bench: the gradients of the maps are given, and the rate is zero."""
    import torch

    optimiser = torch.optim.Adam(network.parameters(), lr=0.0)

    def step():
        optimiser.zero_grad(set_to_none=True)
        maps = forward()
        torch.autograd.backward(maps, [torch.full_like(m, 1e-3) for m in maps])
        optimiser.step()
        return [m.detach() for m in maps]

    return step


def onnxruntime_work(job, planes):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = job.threads, 1
    session = onnxruntime.InferenceSession(job.file("network.onnx"), options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"spikes": planes})


def openvino_work(job, planes):
    import openvino

    settings = {"INFERENCE_NUM_THREADS": job.threads, "INFERENCE_PRECISION_HINT": job.precision,
                "PERFORMANCE_HINT": "LATENCY"}
    request = openvino.compile_model(job.file("network.onnx"), "CPU", settings).create_infer_request()
    return lambda: list(request.infer([planes], share_inputs=True).values())


WORKS = {"torch": torch_work, "onnxruntime": onnxruntime_work, "openvino": openvino_work}


def restart_peak():
    """From now on, as bicross bench does: proc(5)."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def peak_bytes():
    with open("/proc/self/status", encoding="ascii") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=WORKS)
    parser.add_argument("model", choices=["hybrid", "tiny"])
    parser.add_argument("mode", choices=["inference", "training"])
    parser.add_argument("folder")
    parser.add_argument("--way", default="", help="of PyTorch: contiguous, channels_last, compiled")
    parser.add_argument("--heads", default="both", choices=["depth", "both"])
    parser.add_argument("--precision", default="f32", choices=["f32", "bf16"])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--time", action="store_true")
    job = parser.parse_args()
    job.file = lambda name: os.path.join(job.folder, name)
    planes = 2 * np.load(job.file("spikes.npy")).astype(np.float32) - 1
    work = WORKS[job.library](job, planes)
    np.savez(job.file("maps.npz"), *[np.asarray(m)[:, 0] for m in work()])
    found = {}
    if job.time:
        restart_peak()
        found = {"seconds": median(work), "process_bytes": peak_bytes()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
