"""Times as `bicross bench` takes them: warmed up, the median of several repetitions, short work several times."""

import math
import statistics
import time

FEWEST, MOST = 3, 25
SAMPLE_SECONDS, CASE_SECONDS = 2e-3, 0.08


def once(work, runs=1):
    start = time.perf_counter()
    for _ in range(runs):
        work()
    return (time.perf_counter() - start) / runs


def median(work):
    once(work)
    first = once(work)
    runs = min(1000, max(1, math.ceil(SAMPLE_SECONDS / first)))
    samples = [first] if runs == 1 else []
    while len(samples) < FEWEST or (len(samples) < MOST and runs * sum(samples) < CASE_SECONDS):
        samples.append(once(work, runs))
    return statistics.median(samples)
