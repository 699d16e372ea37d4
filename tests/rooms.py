"""The rooms of the house, as tables: who may import whom. `test_layout.py` holds the code against them."""

__all__ = ["LAYERS", "MAY_IMPORT", "SUITES_MAY_IMPORT"]

# What each house may import of ours beside itself; the longest matching place counts. Tests may import anything.
MAY_IMPORT = {
    "simulator": set(),
    "simulator/forwarder": set(),  # it has its own reading of the documents, since that is what is judged
    "fakes": {"simulator.thingpark"},  # facts of ThingPark's documents, which whoever reads them must know
    "scenarios": {"simulator", "fakes"},
    "scenarios/cli": {"simulator", "fakes", "reports"},
    "scenarios/run/publish.py": {"reports"},  # a run's last step
    "reports": {"scenarios.history"},
}

# The rooms of each house, top to bottom: each may import what stands below it only. Rooms of one line know nothing of
# each other.
LAYERS = {
    "simulator": (
        "fleets airs troubles",
        "air",
        "network devices",
        "radio",
        "lorawan payloads",
        "clock chance emit errors hops thingpark",
    ),
    "simulator/forwarder": (
        "__main__",
        "api",
        "pages",
        "web",
        "service",
        "watch",
        "downlinks",
        "delivery",
        "destinations",
        "connections",
        "documents",
        "patterns",
        "store",
        "settings",
        "platform",
        "codecs",
        "resolve clock logs problem invalid hosts agent patience",
    ),
    "simulator/forwarder/destinations": (
        "table",
        "http mqtt thingsboard",
        "connector",
        "mqtt_session",
        "mqtt_link",
        "failures form pool resolver sink",
        "segments",
    ),
    "fakes": (
        "broker posthere widgelix thingsboard",
        "control relay",
        "web",
        "exchange",
        "writer behaviour",
        "mqtt journal messages faults paging hops doors hosts",
    ),
    "fakes/thingsboard": (
        "server settings seed stored_state",
        "site",
        "ws",
        "rest",
        "mqtt",
        "queries",
        "state",
    ),
    "scenarios": (
        "suites examples",
        "cli",
        "bundles",
        "run",
        "look worlds load",
        "lab",
        "under_test",
        "checks",
        "history documents forwarders captures codecs authors",
    ),
}

# What a suite may know beside the public face of uplab.scenarios, by name: what it plays against and how it is judged,
# never how the forwarder works. A name that several suites need belongs in the face.
SUITES_MAY_IMPORT = {
    "fakes.behaviour",
    "fakes.faults",
    "fakes.posthere.server",
    "simulator.clock",
    "simulator.devices.naming",
    "simulator.hops",
    "simulator.lorawan.region",  # tables from which the seed draws, as the next one
    "simulator.network.tunnel",
    "simulator.payloads",
    "scenarios.checks.checks",  # the checks, each by its name
    "scenarios.checks.difference.difference",
    "scenarios.checks.leaks",
    "scenarios.checks.policy.declared.DeliveryPolicy",
    "scenarios.checks.verdict.Outcome",
    "scenarios.history.history.of_hop",
    "scenarios.history.identity.REFUSED",
    "scenarios.history.encoded.unpacked",
    "scenarios.history.secrets",
    "scenarios.lab.addresses",
    "scenarios.lab.air.troubled.Troubled",
    "scenarios.lab.false_hosts",
    "scenarios.lab.heartbeat.LabLateError",
    "scenarios.lab.judge.Judge",
    "scenarios.lab.places.bin.Request",
    "scenarios.lab.witness",
    "scenarios.suites",
    "scenarios.under_test.access",
    "scenarios.under_test.answer.answer_expected",
    "scenarios.under_test.hops",
    "scenarios.under_test.login.LOGIN",
    "scenarios.under_test.group",
    "scenarios.under_test.profile.Profile",
    "scenarios.under_test.promise",
    "scenarios.under_test.ways",
    "scenarios.worlds",
    "simulator.thingpark",
}
