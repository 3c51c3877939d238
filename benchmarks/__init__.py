"""Every figure in the README has a command here; run one with `python -m benchmarks.NAME`."""
