"""Measurements: figures that depend on the machine, quoted as ratios taken side by side in one run."""
