#!/usr/bin/env python3
"""Depth and its uncertainty of spikes in a NumPy array, by libbicross:

    predict.py WEIGHTS SPIKES.npy OUT.npz        SPIKES: (128, height, width) of 0 and 1

BICROSS_LIBRARY says where libbicross is, where the system's linker does not find it."""
import ctypes
import os
import sys

import numpy as np


class Error(ctypes.Structure):
    _fields_ = [("status", ctypes.c_int), ("text", ctypes.c_char * 1024)]


def load_library():
    library = ctypes.CDLL(os.environ.get("BICROSS_LIBRARY", "libbicross.so.0"))
    frames = np.ctypeslib.ndpointer(np.uint8, 3, flags="C")
    words = np.ctypeslib.ndpointer(np.uint32, 3, flags="C")
    floats = np.ctypeslib.ndpointer(np.float32, 2, flags="C")
    pointer, integer, error = ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(Error)
    library.bicross_device_open.argtypes = [ctypes.c_char_p, ctypes.POINTER(pointer), error]
    library.bicross_device_close.argtypes = library.bicross_network_close.argtypes = [pointer]
    library.bicross_device_close.restype = library.bicross_network_close.restype = None
    library.bicross_network_load.argtypes = [pointer, ctypes.c_char_p, ctypes.c_uint, ctypes.POINTER(pointer), error]
    library.bicross_pack_spikes.argtypes = [frames, integer, integer, words]
    library.bicross_pack_spikes.restype = None
    library.bicross_predict_spikes.argtypes = [pointer, words, integer, integer, floats, floats, error]
    return library


class Network:
    """A network on the device that bicross would take (BICROSS_DEVICE)."""

    def __init__(self, weights):
        self.library, self.error = load_library(), Error()
        self.device, self.network = ctypes.c_void_p(), ctypes.c_void_p()
        self.call("bicross_device_open", None, self.device)
        self.call("bicross_network_load", self.device, os.fsencode(weights), 0, self.network)

    def call(self, name, *arguments):
        if getattr(self.library, name)(*arguments, self.error):
            raise RuntimeError(self.error.text.decode(errors="replace"))

    def predict(self, frames):
        """(128, height, width) of 0 and 1 -> depth in metres and uncertainty, (height, width) each."""
        frames = np.ascontiguousarray(frames, np.uint8)
        if frames.ndim != 3 or frames.shape[0] != 128:
            raise ValueError(f"expected (128, height, width), found {frames.shape}")
        _, height, width = frames.shape
        words = np.empty((height, width, 4), np.uint32)
        depth, uncertainty = np.empty((2, height, width), np.float32)
        self.library.bicross_pack_spikes(frames, height, width, words)
        self.call("bicross_predict_spikes", self.network, words, height, width, depth, uncertainty)
        return depth, uncertainty

    def close(self):
        self.library.bicross_network_close(self.network)
        self.library.bicross_device_close(self.device)
        self.network, self.device = ctypes.c_void_p(), ctypes.c_void_p()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    try:
        with Network(sys.argv[1]) as network:
            depth, uncertainty = network.predict(np.load(sys.argv[2]))
    except (RuntimeError, ValueError, OSError) as error:
        sys.exit(f"predict.py: {error}")
    np.savez(sys.argv[3], depth=depth, uncertainty=uncertainty)
    print(f"depth {depth[depth > 0].min():.2f} to {depth.max():.2f} m")


if __name__ == "__main__":
    main()
