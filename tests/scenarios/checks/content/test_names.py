from uplab.scenarios.checks.content.names import leaves, plain


def test_names_are_compared_without_case_and_separators() -> None:
    assert {plain(name) for name in ("Lrr-RSSI", "lrr_rssi", "LrrRSSI", "lrr.rssi")} == {"lrrrssi"}


def test_leaves_are_all_values_with_their_paths() -> None:
    told = {"a": {"b": 0, "c": {"d": None}}, "e": [1, {"f": 2}], "g": {}}

    assert list(leaves(told)) == [("a.b", 0), ("a.c.d", None), ("e", [1, {"f": 2}]), ("g", {})]
