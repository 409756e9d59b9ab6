"""The table of a comparison: bicross' time over the peer's, below 1 where bicross is faster."""

import statistics


class Table:
    """One line a case; a case has pairs of (ours, peer's) seconds, one a round."""

    def __init__(self, peer):
        self.pairs, self.uses, self.notes = {}, {}, {}
        print(f"\n{'bicross ms':>12} {peer + ' ms':>17} {'ratio':>7} {'range':>13}  case")

    def add(self, name, ours, theirs, uses=1, note=""):
        self.pairs.setdefault(name, []).append((ours, theirs))
        self.uses[name], self.notes[name] = uses, note

    def line(self, name):
        pairs = self.pairs[name]
        ratios = sorted(a / b for a, b in pairs)
        ours, theirs = (statistics.median(p[i] for p in pairs) for i in range(2))
        print(f"{1e3 * ours:12.3f} {1e3 * theirs:17.3f} {statistics.median(ratios):7.2f} "
              f"{ratios[0]:6.2f}-{ratios[-1]:<6.2f}  {name}{self.notes[name]}", flush=True)

    def sums(self):
        """What the measured operations come to in one pass of their network."""
        totals = {}
        for name, pairs in self.pairs.items():
            key = f"all measured of {name.split()[0]}, {name.split()[-1]}, as often as the network has them"
            total = totals.setdefault(key, [0.0, 0.0])
            for i in range(2):
                total[i] += self.uses[name] * statistics.median(p[i] for p in pairs)
        for key, (ours, theirs) in totals.items():
            print(f"{1e3 * ours:12.3f} {1e3 * theirs:17.3f} {ours / theirs:7.2f} {'':13}  {key}")
