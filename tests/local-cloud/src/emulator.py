"""The emulator of AWS, `ministack`, with two more resource types in its CloudFormation.

The emulator has connections and API destinations, but its CloudFormation lacks them, and the guide's example
for Slack deploys one of each. They are created and deleted here with the emulator's own API.
"""

import json

from ministack.app import main
from ministack.services import eventbridge
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


add("Connection", eventbridge._create_connection, eventbridge._delete_connection)
add("ApiDestination", eventbridge._create_api_destination, eventbridge._delete_api_destination)
main()
