"""Benchmarks: ratios inside one run, since machines are noisy (performance.md)."""
