"""Times C = A B with the BLAS that NumPy came with:
    OPENBLAS_NUM_THREADS=2 sgemm_numpy.py SIZE
Prints JSON: seconds, blas."""

import json
import sys

import numpy as np

from timing import median


def main():
    size = int(sys.argv[1])
    a, b, c = (np.ones((size, size), dtype=np.float32) for _ in range(3))
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    print(json.dumps({"seconds": median(lambda: np.dot(a, b, out=c)), "blas": f"{blas['name']} {blas['version']}"}))


if __name__ == "__main__":
    main()
