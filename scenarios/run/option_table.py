"""The options of a run that take a value, as a table: for pytest, `uplab run --help` and the launcher."""

__all__ = ["TABLE", "VALUED"]

# option, environment, metavar, help. Secrets come from the environment only: a command line is visible to everybody.
TABLE = (
    (
        "--seed",
        "UPLAB_SEED",
        "N",
        "the seed of every chance in the run; the report shows it, and the same seed repeats the run",
    ),
    (
        "--namespace",
        "UPLAB_NAMESPACE",
        "XXXX",
        "four hexadecimal digits in each DevEUI of the run, so that no other run on that forwarder has a device alike "
        "(default: drawn where it runs elsewhere)",
    ),
    (
        "--forwarder-command",
        "UPLAB_FORWARDER_COMMAND",
        "CMD",
        "the forwarder under test, started by each worker (default: the reference one)",
    ),
    (
        "--forwarder-api",
        "UPLAB_FORWARDER_API",
        "URL",
        "instead: the API of a forwarder that runs elsewhere, .../iot-flow/v1",
    ),
    ("--forwarder-ingress", "UPLAB_FORWARDER_INGRESS", "URL", "where that forwarder takes signed uplinks"),
    ("--forwarder-pages", "UPLAB_FORWARDER_PAGES", "URL", "where that forwarder has its pages, if it has"),
    (
        "--forwarder-authority",
        "UPLAB_FORWARDER_AUTHORITY",
        "FILE",
        "an authority that is trusted beside the system's when that forwarder is asked (PEM)",
    ),
    (
        "--forwarder-certificate",
        "UPLAB_FORWARDER_CERTIFICATE",
        "FILE",
        "a client certificate that is shown to that forwarder (PEM, with its chain)",
    ),
    ("--forwarder-key", "UPLAB_FORWARDER_KEY", "FILE", "the private key of that certificate"),
    (
        "--forwarder-proxy",
        "UPLAB_FORWARDER_PROXY",
        "URL",
        "the proxy by which that forwarder is reached, http://host:port",
    ),
    (
        "--connect-command",
        "UPLAB_CONNECT_COMMAND",
        "CMD",
        "makes a connection, where the profile says commands: its body on stdin; prints JSON with its id",
    ),
    (
        "--disconnect-command",
        "UPLAB_DISCONNECT_COMMAND",
        "CMD",
        "ends a connection: JSON with its id on stdin",
    ),
    (
        "--bind-command",
        "UPLAB_BIND_COMMAND",
        "CMD",
        "binds devices to a connection: the body of a flow on stdin",
    ),
    (
        "--uplink-command",
        "UPLAB_UPLINK_COMMAND",
        "CMD",
        "takes an uplink, in the place of an ingress: the document on stdin; exit code 0 is accepted",
    ),
    (
        "--broker-command",
        "UPLAB_BROKER_COMMAND",
        "CMD",
        "the MQTT broker of the lab, {port} for its port, such as 'mosquitto -p {port}' (default: amqtt)",
    ),
    (
        "--thingsboard-url",
        "UPLAB_THINGSBOARD_URL",
        "URL",
        "a real ThingsBoard in the place of the fake, https://thingsboard.example; a tenant administrator's name and "
        "password come from UPLAB_THINGSBOARD_USER and UPLAB_THINGSBOARD_PASSWORD",
    ),
    (
        "--thingsboard-mqtt",
        "UPLAB_THINGSBOARD_MQTT",
        "URL",
        "where that ThingsBoard takes MQTT (default: mqtts://HOST:8883, of http:// mqtt://HOST:1883)",
    ),
    (
        "--forwarder-profile",
        "UPLAB_FORWARDER_PROFILE",
        "FILE",
        "its features and choices as TOML (default: the reference profile)",
    ),
    (
        "--forwarder-version",
        "UPLAB_FORWARDER_VERSION",
        "TEXT",
        "which version is tested, for reports and comparisons (default: what its ready line says)",
    ),
    (
        "--forwarder-digest",
        "UPLAB_FORWARDER_DIGEST",
        "TEXT",
        "which build is tested, as an image's digest (default: as its ready line says, or of its files)",
    ),
    (
        "--forwarder-log",
        "UPLAB_FORWARDER_LOG",
        "FILE",
        "the log of a forwarder that runs elsewhere, searched for secrets",
    ),
    (
        "--advertise-host",
        "UPLAB_ADVERTISE_HOST",
        "HOST",
        "the address under which that forwarder reaches this lab (default: 127.0.0.1)",
    ),
    (
        "--base-port",
        "UPLAB_BASE_PORT",
        "PORT",
        "first of the fixed ports that the lab then listens on (default: 18080 with --forwarder-api)",
    ),
    (
        "--authority",
        "UPLAB_AUTHORITY",
        "DIR",
        "folder of the lab's certificate authority, kept from run to run (default: .uplab with --forwarder-api)",
    ),
    (
        "--look",
        "UPLAB_LOOK",
        "yes|no",
        "whether one uplink is sent before the first scenario, to say which leg of its way is dead (default: yes)",
    ),
    (
        "--tls-certificate",
        "UPLAB_TLS_CERTIFICATE",
        "FILE",
        "a certificate of your own for this lab (PEM, with its chain), where names are direct",
    ),
    ("--tls-key", "UPLAB_TLS_KEY", "FILE", "the private key of that certificate"),
    (
        "--known-failing",
        "UPLAB_KNOWN_FAILING",
        "FILE",
        "scenarios that fail today, one id a line; they must fail exactly as listed",
    ),
    (
        "--worlds",
        "UPLAB_WORLDS",
        "DIR",
        "a folder of worlds, or one file, that is played in the place of the kept set",
    ),
    (
        "--locale",
        "UPLAB_LOCALE",
        "NAME",
        "whose names devices and sites have, such as ja_JP: a locale of uplab's table, or any of Faker's",
    ),
    (
        "--deviations",
        "UPLAB_DEVIATIONS",
        "FILE",
        "what may fail for now, as TOML: clause or cause, reason, ticket, owner, until; past its date it is red",
    ),
    (
        "--requirements",
        "UPLAB_REQUIREMENTS",
        "SET",
        "a frozen set of the catalogue, as 2026-12, or a file of clauses: what is newer is told and not scored",
    ),
    ("--report-dir", "UPLAB_REPORT_DIR", "DIR", "where runs are kept (default: reports/runs)"),
    (
        "--export",
        "UPLAB_EXPORT",
        "otlp[=PLACE]",
        "a trace for each uplink, for OpenTelemetry: to a file (default: otlp.jsonl of the run) or an endpoint's URL",
    ),
    (
        "--compare",
        "UPLAB_COMPARE",
        "RUN",
        "the earlier run that this one is laid beside: last (default), green (the last that was), or its folder's name",
    ),
    (
        "--gate-checks",
        "UPLAB_GATE_CHECKS",
        "N",
        "with --gate: the least number of checks that must have examined something (default: 1)",
    ),
    (
        "--gate-faults",
        "UPLAB_GATE_FAULTS",
        "N",
        "with --gate: the least number of faults that must have been delivered (default: 0)",
    ),
    (
        "--gate-doubt",
        "UPLAB_GATE_DOUBT",
        "N",
        "with --gate, of uplab doubt: the least number of kinds of bugs that a green run must exclude (default: 0)",
    ),
    (
        "--gate-unread",
        "UPLAB_GATE_UNREAD",
        "FILE",
        "with --gate: what arrived and no check read must stand in this file, a line each: posthere header x-trace",
    ),
)

VALUED = tuple(name for name, *_ in TABLE)
