"""The numbers to hold, measured: `python -m tests.bench`. It never asserts a time, and it counts every uplink."""
