"""The emulator of AWS, `ministack`, with two more resource types in its CloudFormation, and with unique names.

The emulator has connections and API destinations, but its CloudFormation lacks them, and the guide's example
for Slack deploys one of each. They are created and deleted here with the emulator's own API.
"""

import json

from ministack.app import main
from ministack.services import cloudformation, eventbridge
from ministack.services.cloudformation import provisioners


def add(kind, create, delete):
    """Adds the type AWS::Events::KIND. `Ref` is the name. The emulator's ARNs end with it, so that the one
    for policies is the same. A connection has no `SecretArn`, as the emulator makes no secret for it."""

    def created(logical_id, properties, stack):
        name = properties.get("Name") or provisioners._physical_name(stack, logical_id, max_len=64)
        status, _, body = create({**properties, "Name": name})
        answer = json.loads(body)
        if status != 200:
            raise ValueError(f"AWS::Events::{kind}: {answer}")
        arn = answer[f"{kind}Arn"]
        return name, {"Arn": arn, "ArnForPolicy": arn}

    def deleted(name, _properties):
        delete({"Name": name})

    provisioners._RESOURCE_HANDLERS[f"AWS::Events::{kind}"] = {"create": created, "delete": deleted}


# Types whose names are unique in an account and region.
NAMED = [
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::IAM::Role",
    "AWS::Lambda::Function",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::Schedule",
]

# The stack and the logical id of each resource, by its type and name.
owners = {}


def refuse_existing_names(kind):
    """Fails the creation of a resource whose name another resource has, as AWS does. The emulator would replace
    the other resource."""
    handler = provisioners._RESOURCE_HANDLERS.get(kind)
    if handler is None:
        return
    create, delete = handler["create"], handler.get("delete")

    def created(logical_id, properties, stack, *rest, **options):
        result = create(logical_id, properties, stack, *rest, **options)
        name, owner = result[0], (stack, logical_id)
        if owners.setdefault((kind, name), owner) != owner:
            raise ValueError(f"{kind}: {name} already exists")
        return result

    def deleted(name, *rest, **options):
        owners.pop((kind, name), None)
        return delete(name, *rest, **options)

    handler["create"] = created
    if delete is not None:
        handler["delete"] = deleted


def accept_numbers_as_text():
    """Converts the concurrency of event sources to a number, as CloudFormation does: the value of a parameter is
    text, which the emulator's Lambda refuses."""
    handler = provisioners._RESOURCE_HANDLERS["AWS::Lambda::EventSourceMapping"]
    create = handler["create"]

    def created(logical_id, properties, *rest, **options):
        scaling = properties.get("ScalingConfig")
        if scaling is not None:
            scaling["MaximumConcurrency"] = int(scaling["MaximumConcurrency"])
        return create(logical_id, properties, *rest, **options)

    handler["create"] = created


def forget_names_on_reset():
    reset = cloudformation.reset

    def forgetting():
        owners.clear()
        reset()

    cloudformation.reset = forgetting


forget_names_on_reset()
accept_numbers_as_text()
for named in NAMED:
    refuse_existing_names(named)
add("Connection", eventbridge._create_connection, eventbridge._delete_connection)
add("ApiDestination", eventbridge._create_api_destination, eventbridge._delete_api_destination)
main()
