"""Known-bad forwarders and fakes: right code with one real-world bug patched in, to prove that the suites can fail.

`python -m tests.faulty NAME` starts a forwarder, `uplab run -p tests.faulty.plugin` a lab with a bad fake;
`python -m tests.faulty` lists both, `python -m tests.faulty.detect` runs the scenarios that must catch each.
"""
