from uplab.scenarios.suites.thingsboard.command import command_of
from uplab.scenarios.under_test.profile import Profile
from uplab.scenarios.under_test.promise.tables import Choices


def test_command_has_the_names_of_the_profile() -> None:
    choices = Choices(command_method="tx", command_fport="port", command_payload="hex")

    assert command_of(Profile(name="mine", choices=choices), 5, "0a") == ("tx", {"port": 5, "hex": "0a"})
