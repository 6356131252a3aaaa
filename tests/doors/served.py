"""The official account's door in plain mode, for a real server process to load."""

from tests.doors.platform_side import plain_account

app = plain_account().client.application
