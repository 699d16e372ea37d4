"""What a profile leaves out of the promise of the documents, in words for a report."""

from uplab.scenarios.under_test.profile import Profile

__all__ = ["not_promised", "unpromised"]


def unpromised(profile: Profile) -> dict[str, str]:
    """The abilities that a scenario may need and this profile does not promise, each with the reason in words."""
    choices, found = profile.choices, {}
    if profile.format is not None:
        found["form"] = "the profile's output has another form than ThingPark's"
    if choices.ingress_auth != "token":
        found["token"] = f"the profile's ingress asks for {_ASKED[choices.ingress_auth]}, not for a token"
    if choices.numbers != "exact":
        found["exact"] = "the profile's numbers are what an IEEE double makes of them"
    return found


def not_promised(profile: Profile) -> list[str]:
    """What the contract asks for and this profile does not promise, so that it was not judged; a sentence each."""
    choices, policy = profile.choices, profile.policy
    said = [
        f"feature {name}: {field.description}"
        for name, field in type(profile.features).model_fields.items()
        if name not in _NO_PROMISE and not getattr(profile.features, name)
    ]
    if choices.ingress_auth != "token":
        said.append(f"the tunnel's token: its ingress asks for {_ASKED[choices.ingress_auth]}")
    if choices.numbers == "double":
        said.append("numbers with every digit: they are what an IEEE double makes of them")
    if choices.telemetry_ts == "measurement":
        said.append("one ts for each uplink: each measurement has its own")
    if choices.telemetry_values == "text":
        said.append("values of telemetry in their JSON type: numbers come as texts")
    if profile.format is not None:
        said.append("delivered unaltered: its output has another form than ThingPark's")
    if policy.sent_once:
        said.append("what failed is tried again: each uplink is sent once")
    elif choices.failure_generation == "own":
        ends = [f"after {policy.attempts} attempts"] if policy.attempts else []
        ends += [f"after {policy.end_s:g} s"] if policy.end_s is not None else []
        ends += [f"at an answer {', '.join(policy.never_again)}"] if policy.never_again else []
        if ends:
            said.append(f"tried until it is taken: an uplink is given up {', '.join(ends)}")
    if policy.order == "none":
        said.append("the order of a device's uplinks")
    if policy.largest_body is not None:
        said.append(f"documents of more than {policy.largest_body} bytes")
    return said


_NO_PROMISE = ("pages_login",)  # who has none has not less
_ASKED = {"none": "nothing", "header": "a header", "basic": "a name and a password"}
