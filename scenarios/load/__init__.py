"""Load: a fleet against a forwarder, every uplink judged by a stream that keeps only what is under way."""
