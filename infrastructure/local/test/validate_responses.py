"""Performs calls with botocore and holds the raw responses against its service models, which are AWS's own.

A line of JSON on stdin for each call: {"service": "ecs", "operation": "ListTasks", "input": {…}}
A line of JSON on stdout for each answer: {"output": {…}, "error": null, "problems": []}

botocore's own parser skips what it does not know and makes up what is missing. Here a member that the model does not
have, one that it requires, a value of another type, an enum's unknown value, and an error that the operation does not
have are problems, each with its place. The endpoint and the key come from the environment.
"""

import base64
import json
import re
import sys
from datetime import datetime
from xml.etree import ElementTree

import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and its siblings of the other services: errors
# that any action may answer with, and that no service model has
COMMON_ERRORS = {
    "AccessDenied",
    "AccessDeniedException",
    "InternalFailure",
    "InvalidAction",
    "InvalidParameterCombination",
    "InvalidParameterValue",
    "MalformedInput",
    "MissingParameter",
    "SerializationException",
    "UnknownOperationException",
    "ValidationError",
    "ValidationException",
}

# Values that AWS sends and its model leaves out. A stack's own events have each status that a stack can have:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
MODEL_GAPS = {
    "ResourceStatus": {"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"},
}

NUMBERS = {"integer": int, "long": int, "float": (int, float), "double": (int, float)}
TEXT_PATTERNS = {
    "boolean": r"true|false",
    "integer": r"-?\d+",
    "long": r"-?\d+",
    "float": r"-?\d+(\.\d+)?",
    "double": r"-?\d+(\.\d+)?",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z",
}


class Response:
    """One response, and what is wrong with it."""

    def __init__(self, operation, raw):
        self.operation = operation
        self.service = operation.service_model
        self.status = raw["status_code"]
        self.headers = raw["headers"]
        self.body = raw["body"]
        self.problems = []

    def problem(self, place, text):
        self.problems.append(f"{place}: {text}")

    def validate(self):
        is_json = self.service.protocol == "json"
        try:
            if self.status >= 300:
                self.json_error() if is_json else self.xml_error()
            elif is_json:
                self.json_output()
            else:
                self.xml_output()
        except (json.JSONDecodeError, ElementTree.ParseError) as error:
            self.problem("body", f"cannot be read: {error}")
        return self.problems

    # ── errors

    def json_error(self):
        document = json.loads(self.body)
        for name in document.keys() - {"__type", "message", "Message"}:
            if not any(name in error.members for error in self.operation.error_shapes):
                self.problem(name, "an error of this operation has no such member")
        self.error_code(document["__type"].rpartition("#")[2])

    def xml_error(self):
        root = ElementTree.fromstring(self.body)
        found = [local_name(element) for element in root.iter()]
        if found[:5] != ["ErrorResponse", "Error", "Type", "Code", "Message"] or found[-1] != "RequestId":
            self.problem("error", f"its elements are {found}")
        self.error_code(next(element.text for element in root.iter() if local_name(element) == "Code"))

    def error_code(self, code):
        for error in self.operation.error_shapes:
            modeled = error.metadata.get("error", {})
            if code not in (error.name, modeled.get("code")):
                continue
            status = modeled.get("httpStatusCode")
            if status not in (None, self.status):
                self.problem(code, f"the status is {self.status}, the model's is {status}")
            return
        if code not in COMMON_ERRORS:
            self.problem(code, "is no error of this operation, and none that all have")

    # ── json

    def json_output(self):
        shape = self.operation.output_shape
        if shape:
            self.json_value(shape, json.loads(self.body), self.operation.name)
        elif self.body not in (b"", b"{}"):
            self.problem("body", "this operation answers nothing")

    def json_value(self, shape, value, place):
        kind = shape.type_name
        if kind == "structure":
            if not isinstance(value, dict):
                return self.problem(place, f"is {value!r}, not a structure")
            members = {member.serialization.get("name", name): member for name, member in shape.members.items()}
            self.required(shape, value.keys(), place)
            for name, child in value.items():
                if name not in members:
                    self.problem(f"{place}.{name}", "is unknown to the model")
                else:
                    self.json_value(members[name], child, f"{place}.{name}")
        elif kind == "list":
            if not isinstance(value, list):
                return self.problem(place, f"is {value!r}, not a list")
            for index, child in enumerate(value):
                self.json_value(shape.member, child, f"{place}[{index}]")
        elif kind == "map":
            if not isinstance(value, dict):
                return self.problem(place, f"is {value!r}, not a map")
            for key, child in value.items():
                self.json_value(shape.key, key, f"{place} key")
                self.json_value(shape.value, child, f"{place}.{key}")
        elif kind == "boolean":
            if not isinstance(value, bool):
                self.problem(place, f"is {value!r}, not a boolean")
        elif kind in NUMBERS or kind == "timestamp":
            if isinstance(value, bool) or not isinstance(value, NUMBERS.get(kind, (int, float))):
                self.problem(place, f"is {value!r}, not of type {kind}")
        elif not isinstance(value, str):
            self.problem(place, f"is {value!r}, not of type {kind}")
        elif kind == "blob":
            base64.b64decode(value, validate=True)
        else:
            self.text(shape, value, place)

    # ── query and rest-xml

    def xml_output(self):
        shape = self.operation.output_shape
        if self.service.protocol == "query":
            return self.query_output(shape)
        elements = {}
        for name, member in shape.members.items() if shape else ():
            if member.serialization.get("location") == "header":
                value = self.headers.get(member.serialization["name"])
                if value is None:
                    self.problem(name, f"there is no header {member.serialization['name']}")
                else:
                    self.scalar(member, value, name)
            else:
                elements[name] = member
        if not elements:
            if self.body:
                self.problem("body", "this operation answers nothing")
            return
        root = ElementTree.fromstring(self.body)
        payload = shape.members[shape.serialization["payload"]]
        name = payload.serialization.get("name", payload.name)
        if local_name(root) != name:
            self.problem(local_name(root), f"the document's root is {name}")
        self.namespace(root, payload.serialization.get("xmlNamespace", self.service.metadata.get("xmlNamespace")))
        self.xml_value(payload, root, name)

    def query_output(self, shape):
        root = ElementTree.fromstring(self.body)
        if local_name(root) != f"{self.operation.name}Response":
            self.problem(local_name(root), f"the document's root is {self.operation.name}Response")
        self.namespace(root, self.service.metadata["xmlNamespace"])
        children = {local_name(child): child for child in root}
        metadata = children.pop("ResponseMetadata", None)
        if metadata is None or [local_name(child) for child in metadata] != ["RequestId"]:
            self.problem("ResponseMetadata", "it has no RequestId")
        wrapper = shape.serialization.get("resultWrapper") if shape else f"{self.operation.name}Result"
        result = children.pop(wrapper, None)
        for name in children:
            self.problem(name, "is unknown to the model")
        if shape is None:
            if result is not None and len(result):
                self.problem(wrapper, "this operation answers nothing")
        elif result is None:
            self.problem(wrapper, "is missing")
        else:
            self.xml_value(shape, result, self.operation.name)

    def namespace(self, root, expected):
        uri = expected["uri"] if isinstance(expected, dict) else expected
        if expected and not root.tag.startswith(f"{{{uri}}}"):
            self.problem(root.tag, f"the namespace is {uri}")

    def xml_value(self, shape, element, place):
        kind = shape.type_name
        if kind == "structure":
            members = {element_name(member, name): member for name, member in shape.members.items()}
            present = [local_name(child) for child in element]
            self.required(shape, present, place, {name: element_name(member, name) for name, member in shape.members.items()})
            for name in dict.fromkeys(present):
                children = [child for child in element if local_name(child) == name]
                if name not in members:
                    self.problem(f"{place}.{name}", "is unknown to the model")
                elif members[name].serialization.get("flattened"):
                    for index, child in enumerate(children):
                        self.xml_value(members[name].member, child, f"{place}.{name}[{index}]")
                elif len(children) > 1:
                    self.problem(f"{place}.{name}", f"is there {len(children)} times")
                else:
                    self.xml_value(members[name], children[0], f"{place}.{name}")
        elif kind == "list":
            item = shape.member.serialization.get("name", "member")
            for index, child in enumerate(element):
                if local_name(child) != item:
                    self.problem(f"{place}[{index}]", f"is a {local_name(child)}, not a {item}")
                self.xml_value(shape.member, child, f"{place}[{index}]")
        elif kind == "map":
            self.problem(place, "maps are not validated: no action that is answered here has one")
        elif len(element):
            self.problem(place, f"has elements in it, and is of type {kind}")
        else:
            self.scalar(shape, element.text or "", place)

    def scalar(self, shape, value, place):
        pattern = TEXT_PATTERNS.get(shape.type_name)
        if pattern is None:
            self.text(shape, value, place)
        elif not re.fullmatch(pattern, value):
            self.problem(place, f"is {value!r}, not of type {shape.type_name}")

    # ── both

    def text(self, shape, value, place):
        choices = getattr(shape, "enum", [])
        if choices and value not in choices and value not in MODEL_GAPS.get(shape.name, ()):
            self.problem(place, f"is {value!r}, none of {', '.join(choices)}")
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", float("inf"))
        if not least <= len(value) <= most:
            self.problem(place, f"has {len(value)} characters, not {least} to {most}")

    def required(self, shape, present, place, names=None):
        for name in shape.required_members:
            if (names or {}).get(name, name) not in present:
                self.problem(f"{place}.{name}", "is required, and missing")


def local_name(element):
    return element.tag.rpartition("}")[2]


def element_name(member, name):
    """A flattened list is called as its items are, where they have a name."""
    if member.type_name == "list" and member.serialization.get("flattened"):
        return member.member.serialization.get("name", member.serialization.get("name", name))
    return member.serialization.get("name", name)


class Caller:
    """Calls any operation of any service."""

    def __init__(self):
        self.session = botocore.session.get_session()
        self.clients = {}
        self.raw = None

    def client(self, service):
        if service not in self.clients:
            # one attempt, and the input as it is given: what the service says of it is what counts
            config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
            client = self.session.create_client(service, config=config)
            client.meta.events.register("before-parse", self.keep)
            self.clients[service] = client
        return self.clients[service]

    def keep(self, response_dict, **_):
        self.raw = response_dict

    def call(self, service, operation, given):
        client = self.client(service)
        self.raw, output, error, unreadable = None, None, None, []
        try:
            output = getattr(client, xform_name(operation))(**given)
            output.pop("ResponseMetadata")
        except ClientError as failure:
            error = failure.response["Error"]
        except Exception as failure:
            if self.raw is None:
                raise
            unreadable = [f"body: botocore cannot read it: {failure}"]
        model = client.meta.service_model.operation_model(operation)
        problems = Response(model, self.raw).validate() + unreadable
        return {"output": output, "error": error, "problems": problems}


def plain(value):
    if isinstance(value, datetime):
        return value.isoformat()
    return base64.b64encode(value).decode()


if __name__ == "__main__":
    caller = Caller()
    for line in sys.stdin:
        asked = json.loads(line)
        answer = caller.call(asked["service"], asked["operation"], asked["input"])
        print(json.dumps(answer, default=plain), flush=True)
