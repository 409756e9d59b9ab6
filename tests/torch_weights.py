#!/usr/bin/env python3
"""Weights as PyTorch saves and loads them:  torch_weights.py PROGRAM
What torch.save writes is read to the same numbers, what the program writes is loaded by torch.load(weights_only=True), networks are found
under the names that they are published with. Exit status 77 (skipped) where PyTorch is not there; what needs timm is left out without it."""
import collections
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
from weights import filled  # noqa: E402

program = os.path.realpath(sys.argv[1])


def run(*arguments, status=0, says=""):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode == status, f"{arguments} exited with {done.returncode}: {output}"
    assert re.search(says, output), f"{arguments} said '{output}', expected /{says}/"
    return output


def read(path):
    """The tensors of a safetensors file."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = file.read()
    header.pop("__metadata__", None)
    assert all(entry["dtype"] == "F32" for entry in header.values())
    return {name: np.frombuffer(data[slice(*e["data_offsets"])], "<f4").reshape(e["shape"])
            for name, e in header.items()}


def check_same(found, expected):
    assert set(found) == set(expected), set(found) ^ set(expected)
    for name, tensor in expected.items():
        wanted = tensor.detach().float().numpy()
        assert found[name].shape == wanted.shape and (found[name] == wanted).all(), name


def state_of_all_kinds():
    shared = torch.arange(100.0)
    return collections.OrderedDict(
        channels_last=torch.randn(3, 4, 5, 6).to(memory_format=torch.channels_last),
        transposed=torch.randn(5, 4).t(), half=torch.randn(7).half(), brain=torch.randn(2, 3).bfloat16(),
        double=torch.randn(2, 3).double(), scalar=torch.tensor(3.5), empty=torch.zeros(0, 3),
        first=shared[10:20], second=shared[30:60].view(5, 6), every_third=shared[2::3],
        parameter=torch.nn.Parameter(torch.randn(3)))


def numbers_of_torch_save():
    state = state_of_all_kinds()
    steps = {"num_batches_tracked": torch.tensor(5)}
    for protocol in (2, 3, 4, 5):
        torch.save({**state, **steps}, "state.pt", pickle_protocol=protocol)
        run("convert", "state.pt", "state.safetensors", "--names", "file", says="11 tensors as F32; 1 left out that are no floats")
        check_same(read("state.safetensors"), state)
    adam = torch.optim.Adam([torch.nn.Parameter(torch.randn(3))])
    adam.param_groups[0]["params"][0].sum().backward()
    adam.step()
    torch.save({"epoch": 3, "lr": 0.1, "best": None, "done": True, "lists": [1, [2, {"x": (1.5, "y")}]],
                "large": 2**70, "type": torch.float32, "size": torch.Size([1, 2]), "device": torch.device("cpu"),
                "optimizer": adam.state_dict(), "state_dict": state}, "nested.pth")
    run("convert", "nested.pth:state_dict", "nested.safetensors", "--names", "file")
    check_same(read("nested.safetensors"), state)
    run("inspect", "nested.pth", says=r"optimizer\.state\.0\.exp_avg +F32 +3")


def what_is_written_is_loaded():
    state = state_of_all_kinds()
    torch.save(state, "state.pt")
    for path in ("again.pt", "again.pth"):
        run("convert", "state.pt", path, "--names", "file")
        for mapped in (False, True):
            check_same({n: t.numpy() for n, t in torch.load(path, weights_only=True, mmap=mapped).items()}, state)


def what_is_no_state_dict():
    class Calls:
        def __reduce__(self):
            return os.system, ("true",)

    torch.save({"x": Calls()}, "calls.pt")
    run("inspect", "calls.pt", status=1, says=r"would call posix\.system")
    torch.save(torch.nn.Linear(2, 2), "module.pt")
    run("inspect", "module.pt", status=1, says=r"would call torch\.nn\.modules\.linear\.Linear.*state_dict")
    torch.save({"x": torch.ones(2)}, "old.pt", _use_new_zipfile_serialization=False)
    run("inspect", "old.pt", status=1, says="before 1.6")
    torch.save({"x": torch.ones(1).expand(1000)}, "expanded.pt")
    run("inspect", "expanded.pt", status=1, says="more elements than its storage")
    torch.save(torch.ones(3), "tensor.pt")
    run("inspect", "tensor.pt", status=1, says="expected a dict of tensors")


def predict(weights, out, *more, says=""):
    run("predict", "--weights", weights, "--spikes", "spikes.npy", "--input", "64x96", "--depth", out, *more, says=says)
    return np.load(out)


def networks_in_wrappers():
    np.save("spikes.npy", (np.random.default_rng(1).random((128, 64, 96)) < 0.25).astype(np.uint8))
    network = filled("tiny")
    state = network.state_dict()
    torch.save(state, "plain.pt")
    run("convert", "plain.pt", "plain.safetensors")
    check_same(read("plain.safetensors"), state)
    depth = predict("plain.safetensors", "depth.npy", says="preset = tiny")
    wrapped = {"module." + name: tensor for name, tensor in state.items()}
    other = {name: tensor + 1 for name, tensor in state.items()}
    for name, saved in {"module": wrapped, "bicross": {"model_state_dict": state, "epoch": 3},
                        "lightning": {"state_dict": wrapped}, "dpt": {"model": state, "optimizer": {}}}.items():
        torch.save(saved, name + ".pt")
        assert (predict(name + ".pt", "again.npy") == depth).all(), name
    torch.save({"student": state, "teacher": other}, "two.pt")
    run("convert", "two.pt", "two.safetensors", status=1, says="several networks.*choose as FILE:student$")
    assert (predict("two.pt:student", "again.npy") == depth).all()
    run("convert", "two.pt:teacher", "teacher.pt")
    network.load_state_dict(torch.load("teacher.pt", weights_only=True), strict=True)
    check_same({n: t.numpy() for n, t in network.state_dict().items()}, other)


def other_tensors_than_the_networks():
    """As DPT and MiDaS publish theirs: no uncertainty head, others beside; and positions of another grid."""
    state = filled("tiny").state_dict()
    name = "pretrained.model.pos_embed"
    small = torch.randn(1, 1 + 6 * 6, state[name].shape[2])
    grid = small[:, 1:].reshape(1, 6, 6, -1).permute(0, 3, 1, 2)
    grid = torch.nn.functional.interpolate(grid, size=(8, 8), mode="bilinear", align_corners=False)
    resized = torch.cat([small[:, :1], grid.flatten(2).transpose(1, 2)], dim=1)
    torch.save({**state, name: resized}, "resized.pt")
    dpt = {n: t for n, t in state.items() if not n.startswith("uncertaity_head")}
    torch.save({**dpt, name: small, "auxlayer.0.weight": torch.ones(2)}, "dpt.pt")
    found = predict("dpt.pt", "dpt.npy",
                    says=r"tensors read, 1 resized \(pretrained.model.pos_embed\), 6 that the file lacks "
                         r"\(uncertaity_head.*\), 1 of the file left out \(auxlayer.0.weight\); .*uncertainty is 0")
    wanted = predict("resized.pt", "resized.npy")
    assert np.allclose(found, wanted, rtol=1e-4), abs(found - wanted).max()
    run("predict", "--weights", "dpt.pt", "--spikes", "spikes.npy", "--uncertainty", "u.npy", status=2,
        says="no uncertainty head")


def timm_names():
    try:
        import timm
    except ImportError:
        print("without timm: its names are not tested")
        return
    name = "vit_base_resnet50_384"
    model = timm.create_model(name if name in timm.list_models() else "vit_base_r50_s16_384.orig_in21k_ft_in1k", pretrained=False).half()
    state = model.state_dict()
    torch.save(state, "timm.pth")
    run("convert", "timm.pth", "published.safetensors", says=f"{len(state)} tensors as F32")
    check_same(read("published.safetensors"), {"pretrained.model." + n: t for n, t in state.items()})
    run("convert", "published.safetensors", "back.pth", "--names", "timm")
    model.load_state_dict(torch.load("back.pth", weights_only=True), strict=True)
    check_same({n: t.float().numpy() for n, t in model.state_dict().items()}, state)


def main():
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for test in (numbers_of_torch_save, what_is_written_is_loaded, what_is_no_state_dict, networks_in_wrappers,
                     other_tensors_than_the_networks, timm_names):
            test()
        os.chdir("/")
    print("weights are PyTorch's, both ways")


if __name__ == "__main__":
    main()
