"""The parameters of Abeeway trackers, as a tracker tells them on request.

Numbers, names and values are those of Abeeway's public parameter list (actility/device-catalog, driver asset-tracker of
firmware 2). Parameters that are several bits in one are told as the number that they are.
"""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers.driver import DriverError, Reader

__all__ = ["read_parameter"]

NAMES = {
    0: "trackingUlPeriod",
    1: "loralivePeriod",
    2: "energyStatusPeriod",
    3: "periodicPositionInterval",
    4: "gpsScanMode",
    8: "motionStartEndNbTx",
    9: "gpsTimeout",
    10: "xgpsTimeout",
    11: "gpsEHPE",
    12: "gpsConvergence",
    13: "configFlags",
    15: "bleBeaconCount",
    16: "bleBeaconTimeout",
    17: "gpsStandbyTimeout",
    18: "confirmedUlBitmap",
    19: "confirmedUlRetry",
    20: "motionSensitivity",
    21: "shockDetection",
    22: "periodicActivityPeriod",
    23: "motionDuration",
    24: "geofencingScanPeriod",
    25: "geofencingCollectPeriod",
    26: "bleRssiFilter",
    27: "temperatureHigh",
    28: "temperatureLow",
    30: "transmitStratCustom",
    31: "networkTimeoutCheck",
    32: "networkTimeoutReset",
    34: "collectionNbEntry",
    36: "collectionBleFilterMain1",
    37: "collectionBleFilterMain2",
    38: "collectionBleFilterSecValue",
    39: "collectionBleFilterSecMask",
    40: "batteryCapacity",
    43: "proximityMinimumScanPower",
    44: "proximityDistanceCoefficient",
    45: "proximityScanFrequency",
    46: "proximityBacktraceMaximumAge",
    47: "proximityDistanceSlidingWindow",
    48: "proximityExposure50",
    49: "proximityExposure100",
    50: "proximityExposure150",
    51: "proximityExposure200",
    52: "proximityExposure250",
    53: "proximityExposure300",
    54: "proximityExposure400",
    78: "bleFilterMain1",
    79: "bleFilterMain2",
    80: "bleFilterSecValue",
    81: "bleFilterSecMask",
    83: "buzzerVolume",
    86: "angleReferenceAccelerationX",
    87: "angleReferenceAccelerationY",
    88: "angleReferenceAccelerationZ",
    89: "angleCritical",
    90: "angleCriticalHysteresis",
    92: "angleReportingPeriod",
    93: "angleReportingRepeat",
    94: "angleRisingTime",
    95: "angleFallingTime",
    96: "angleLearningTime",
    97: "angleAccelerationAccuracy",
    98: "angleDeviationDelta",
    99: "angleDeviationMinInterval",
    100: "angleDeviationMaxInterval",
    102: "passwordCommandLineInterface",
    103: "gpsT0Timeout",
    104: "gpsFixTimeout",
    105: "geofencingScanDuration",
    108: "beaconingStaticInterval",
    109: "beaconingMotionInterval",
    110: "beaconingMotionDuration",
    111: "bleConnectivityAdvertisingDuration",
    112: "beaconId0",
    113: "beaconId1",
    114: "beaconId2",
    115: "beaconId3",
    116: "beaconId4",
    117: "sosPeriod",
    118: "motionDebounce",
    119: "buttonMapping",
    120: "defaultDatarate",
    121: "gpsEHPEMotion",
    122: "gpsConvergenceMotion",
    123: "gpsT0TimeoutMotion",
    245: "bleCliActive",
    247: "powerConsumption",
    250: "xAccelerometerValue",
    251: "yAccelerometerValue",
    252: "zAccelerometerValue",
}
SIGNED = frozenset({26, 27, 28, 43, 86, 87, 88, 250, 251, 252})
# Parameters whose values have names, counted from 0
CHOICES = {
    5: (
        "geolocSensorProfile",
        (
            "WIFI_ONLY",
            "GPS_ONLY",
            "XGPS_ONLY",
            "WIFI_FALLBACK_XGPS",
            "SELF_GOVERNING_HISTORY",
            "SELF_GOVERNING_TIMEOUT",
            "WGPS_ONLY",
            "WXGPS_ONLY",
            "WGPS_WXGPS_FAILURE",
            "WGPS_WXGPS_TIMEOUT",
            "BLE",
            "BGPS_ONLY",
            "BXGPS_ONLY",
        ),
    ),
    6: ("oneshotGeolocMethod", ("WIFI", "GPS", "XGPS", "WGPS", "WXGPS", "BLE", "BGPS", "BXGPS")),
    7: ("extAntennaProfile", ("PRINTED", "CERAMIC", "DYNAMIC")),
    14: (
        "transmitStrat",
        ("SINGLE_FIXED", "SINGLE_RANDOM", "DOUBLE_RANDOM", "DOUBLE_FIXED", "NETWORK_ADR", "CUSTOM_STRATEGY"),
    ),
    29: ("temperatureAction", ("NO_ACTION", "TEMPERATURE_HIGH", "TEMPERATURE_LOW", "TEMPERATURE_HIGH_TEMPERATURE_LOW")),
    33: ("collectionScanType", ("NO_COLLECTION_SCAN", "BLE_BEACONS", "WIFI_BSSID")),
    35: (
        "collectionBleFilterType",
        ("NO_FILTER", "EDDYSTONE_UID", "EDDYSTONE_URL", "ALL_EDDYSTONE", "IBEACON_ONLY", "ALTBEACON_ONLY"),
    ),
    41: (
        "reedSwitchConfiguration",
        ("DISABLE_REED_SWITCH", "NORMAL_REED_SWITCH", "BUTTON_REED_SWITCH", "START_BLE_ADVERTISEMENT_REED_SWITCH"),
    ),
    42: (
        "gnssConstellation",
        ("GPS_ONLY", "GLONASS_ONLY", "GPS_GLONASS", "GPS_GALILEO", "GPS_GLONASS_GALILEO", "BEIDOU_ONLY", "GPS_BEIDOU"),
    ),
    77: (
        "bleFilterType",
        ("NO_FILTER", "EDDYSTONE_UID", "EDDYSTONE_URL", "ALL_EDDYSTONE", "IBEACON_ONLY", "ALTBEACON_ONLY"),
    ),
    82: ("bleFilterReportType", ("MAC_ADDRESS", "SHORT_ID", "LONG_ID", "SHORT_ID_MAJOR_MINOR_FIELD")),
    84: ("angleDetectionMode", ("DISABLED", "CRITICAL_ANGLE_DETECTION", "ANGLE_DEVIATION_DETECTION", "SHOCK")),
    85: ("angleReferenceAcquisition", ("MANUAL", "CONFIGURED", "AUTOMATIC", "ASSISTED")),
    101: ("defaultProfile", ("UNKNOWN", "SLEEP", "ECO", "INTENSIVE")),
    106: ("beaconingType", ("DISABLED", "PROXIMITY", "QUUPPA", "EDDYSTONE_UID", "IBEACON", "ALT_BEACON")),
    107: (
        "beaconingTxPower",
        (
            "PLUS_4_DBM",
            "PLUS_3_DBM",
            "0_DBM",
            "MINUS_4_DBM",
            "MINUS_8_DBM",
            "MINUS_12_DBM",
            "MINUS_16_DBM",
            "MINUS_20_DBM",
            "MINUS_40_DBM",
        ),
    ),
    248: ("bleBond", ("NOT_BONDED", "BONDED", "UNKNOWN")),
    249: (
        "mode",
        ("STAND_BY", "MOTION_TRACKING", "PERMANENT_TRACKING", "MOTION_START_END_TRACKING", "ACTIVITY_TRACKING", "OFF"),
    ),
    246: ("dynamicProfile", ("Unknown", "Sleep", "Eco", "Intensive")),
}
VERSIONS = {253: "bleFirmwareVersion", 254: "firmwareVersion"}
ANGLE_REPORTING = 91
TRANSITIONS = ("normalToCritical", "criticalToNormal", "learningToNormal", "normalToLearning", "criticalToLearning")


def read_parameter(reader: Reader) -> tuple[str, Any]:
    """Read one parameter: its number, and four bytes of value; DriverError for one that is in no list."""
    number = reader.unsigned(1)
    raw = reader.take(4)
    value = int.from_bytes(raw, "big", signed=number in SIGNED)
    if number in NAMES:
        return NAMES[number], value
    if number in CHOICES:
        name, values = CHOICES[number]
        return name, values[value] if value < len(values) else value
    if number in VERSIONS:
        return VERSIONS[number], ".".join(map(str, raw[1:]))
    if number == ANGLE_REPORTING:
        return "angleReportingMode", {name: bool(value >> bit & 1) for bit, name in enumerate(TRANSITIONS)}
    raise DriverError(f"unknown parameter {number}")
