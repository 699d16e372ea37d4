"""What holds for all tests of this folder."""

from hypothesis import settings

# How long an example takes says something about the machine, not about the code.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")
