"""Serves moto on 127.0.0.1 until the process that started it is gone (its end of our stdin closes)."""

import copy
import logging
import os
import sys
import threading
import time

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler
from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.server import main


def end_with_parent() -> None:
    # not sys.stdin, whose lock is a fatal error when the interpreter ends first
    while os.read(0, 1024):
        pass
    os._exit(0)


def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    return PermissionResult.NEUTRAL


# moto knows neither the principals nor the conditions of a bucket policy: "deny unless TLS" would refuse everyone, on
# every call. The CDN, the one reader that is let in by policy, asks the policy itself.
FakeBucket.get_permission = get_permission

# moto looks at an item and then writes it, in threads: two writers at once would both find that the condition holds, and
# the second would overwrite the first
one_at_a_time = threading.Lock()
call_action = DynamoHandler.call_action


def call_action_alone(self: DynamoHandler):
    with one_at_a_time:
        return call_action(self)


DynamoHandler.call_action = call_action_alone

# moto keeps the moment at which backups were turned on, as if nothing could be restored since
describe_continuous_backups = DynamoDBBackend.describe_continuous_backups


def describe_continuous_backups_until_now(self: DynamoDBBackend, table_name: str):
    backups = copy.deepcopy(describe_continuous_backups(self, table_name))
    recovery = backups["PointInTimeRecoveryDescription"]
    if recovery["PointInTimeRecoveryStatus"] == "ENABLED":
        recovery["LatestRestorableDateTime"] = time.time()
    return backups


DynamoDBBackend.describe_continuous_backups = describe_continuous_backups_until_now

# the gateway keeps a log of calls; this one is for what goes wrong
logging.getLogger("werkzeug").setLevel(logging.ERROR)
threading.Thread(target=end_with_parent, daemon=True).start()
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
