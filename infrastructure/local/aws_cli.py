"""The aws CLI of the local AWS's shell: version 1 of PyPI, and the `logs tail` that only version 2 has."""

import sys
import time
from datetime import datetime, timedelta, timezone

from awscli.clidriver import create_clidriver
from awscli.customizations.commands import BasicCommand
from dateutil import parser, tz

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
PAUSE = 1  # second between two looks
OVERLAP = 10_000  # milliseconds that are asked for again: events of several streams do not arrive in order


def milliseconds(since):
    """Of `10m`, or of a date in ISO 8601."""
    if since[-1:] in UNITS and since[:-1].isdigit():
        moment = datetime.now(timezone.utc) - timedelta(**{UNITS[since[-1]]: int(since[:-1])})
    else:
        try:
            moment = parser.isoparse(since)
        except ValueError:
            raise ValueError(f"--since is neither like 10m nor a date: {since}") from None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=tz.tzlocal())
    return int(moment.timestamp() * 1000)


class Tail(BasicCommand):
    """https://docs.aws.amazon.com/cli/latest/reference/logs/tail.html"""

    NAME = "tail"
    DESCRIPTION = "Shows the logs of a group; --follow continues until it is interrupted."
    ARG_TABLE = [
        {"name": "group_name", "positional_arg": True, "help_text": "The log group."},
        {"name": "since", "default": "10m", "help_text": "From when on: 5s, 10m, 1h, 1d, 1w, or a date in ISO 8601."},
        {"name": "follow", "action": "store_true", "default": False, "help_text": "Continue with what is logged next."},
        {"name": "format", "default": "detailed", "choices": ["detailed", "short"], "help_text": "detailed or short."},
        {"name": "filter-pattern", "help_text": "As filter-log-events takes it."},
        {"name": "log-stream-names", "nargs": "+", "help_text": "Only these streams."},
        {"name": "log-stream-name-prefix", "help_text": "Only streams that begin so."},
    ]

    def _run_main(self, args, globals_):
        client = self._session.create_client(
            "logs",
            region_name=globals_.region,
            endpoint_url=globals_.endpoint_url,
            verify=globals_.verify_ssl,
        )
        wanted = {
            "logGroupName": args.group_name,
            "filterPattern": args.filter_pattern,
            "logStreamNames": args.log_stream_names,
            "logStreamNamePrefix": args.log_stream_name_prefix,
        }
        wanted = {name: value for name, value in wanted.items() if value}
        start = milliseconds(args.since)
        seen = {}
        try:
            while True:
                pages = client.get_paginator("filter_log_events").paginate(**wanted, startTime=start)
                for event in (event for page in pages for event in page["events"]):
                    if event["eventId"] not in seen:
                        seen[event["eventId"]] = event["timestamp"]
                        show(event, args.format)
                if not args.follow:
                    return 0
                start = max(start, max(seen.values(), default=start) - OVERLAP)
                seen = {name: moment for name, moment in seen.items() if moment >= start}
                time.sleep(PAUSE)
        except KeyboardInterrupt:
            return 130


def show(event, form):
    moment = datetime.fromtimestamp(event["timestamp"] / 1000, timezone.utc)
    text = event["message"].rstrip()
    line = (
        f"{moment.strftime('%Y-%m-%dT%H:%M:%S')} {text}"
        if form == "short"
        else f"{moment.isoformat(timespec='microseconds')} {event['logStreamName']} {text}"
    )
    print(line, flush=True)


def add_tail(command_table, session, **_):
    command_table[Tail.NAME] = Tail(session)


def main():
    """Does what sys.argv says, and returns the exit code."""
    sys.argv[0] = "aws"
    driver = create_clidriver()
    driver.session.register("building-command-table.logs", add_tail)
    return driver.main()


if __name__ == "__main__":
    sys.exit(main())
