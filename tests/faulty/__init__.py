"""Known-bad forwarders: the reference forwarder with one real-world bug patched in, to prove that the suites can fail.

`python -m tests.faulty NAME` starts one, `python -m tests.faulty` lists them, `python -m tests.faulty.detect` runs the
scenarios that must catch each.
"""
