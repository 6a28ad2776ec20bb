"""Checks that several stacks can be deployed in one account and region.

SAM transforms the template as AWS does. No resource of the result may have a fixed physical name: a name must
be absent, or contain the stack's name. Parameters of nested stacks that the parent sets to the stack's name
count as the stack's name. Exits with 1 and lists the fixed names otherwise.
"""

import copy
import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

# Properties that are physical names, by type: the resource's own, not names of parts or of other resources.
NAMES = {
    "AWS::CloudFormation::Stack": ["StackName"],
    "AWS::CloudWatch::Alarm": ["AlarmName"],
    "AWS::CloudWatch::Dashboard": ["DashboardName"],
    "AWS::DynamoDB::Table": ["TableName"],
    "AWS::Events::ApiDestination": ["Name"],
    "AWS::Events::Connection": ["Name"],
    "AWS::Events::EventBus": ["Name"],
    "AWS::Events::EventBusPolicy": [],
    "AWS::Events::Rule": ["Name"],
    "AWS::IAM::Role": ["RoleName"],
    "AWS::KMS::Key": [],
    "AWS::Chatbot::MicrosoftTeamsChannelConfiguration": ["ConfigurationName"],
    "AWS::Lambda::EventInvokeConfig": [],
    "AWS::Lambda::EventSourceMapping": [],
    "AWS::Lambda::Function": ["FunctionName"],
    "AWS::Lambda::Permission": [],
    "AWS::Lambda::Url": [],
    "AWS::Logs::LogGroup": ["LogGroupName"],
    "AWS::SNS::Topic": ["TopicName"],
    "AWS::SNS::TopicPolicy": [],
    "AWS::SQS::Queue": ["QueueName"],
    "AWS::SQS::QueuePolicy": [],
    "AWS::Scheduler::Schedule": ["Name"],
}


class NoManagedPolicies:
    """The templates name no managed policies."""

    def load(self):
        return {}


def transformed(template):
    """The template after SAM's transform. Local code and templates are replaced by addresses in S3."""
    template = copy.deepcopy(template)
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = "s3://bucket/key"
        if resource["Type"] == "AWS::Serverless::Application":
            properties["Location"] = "https://bucket.s3.amazonaws.com/key"
    return transform(template, {}, NoManagedPolicies())


def fixed_names(template, parameters):
    """The fixed names of a template, whose `parameters` contain the stack's name."""
    placeholders = ["AWS::StackName", *parameters]
    for logical_id, resource in template["Resources"].items():
        kind = resource["Type"]
        if kind not in NAMES:
            yield f"{logical_id}: unknown type {kind}; add its name property to NAMES"
            continue
        for name in NAMES[kind]:
            value = resource.get("Properties", {}).get(name)
            text = json.dumps(value)
            contains = any(f'"Ref": "{one}"' in text or f"${{{one}}}" in text for one in placeholders)
            if value is not None and not contains:
                yield f"{logical_id}: {kind} has the fixed {name} {text}"


def nested(template):
    """The nested templates, with the parameters that the parent sets to its stack's name."""
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Application":
            properties = resource["Properties"]
            given = properties.get("Parameters", {}).items()
            yield properties["Location"], [name for name, value in given if value == {"Ref": "AWS::StackName"}]


def read(path):
    with open(path, encoding="utf-8") as file:
        return yaml_parse(file.read())


def main(paths):
    templates = {path: read(path) for path in paths}
    inner = {location: given for template in templates.values() for location, given in nested(template)}
    found = []
    for path, template in templates.items():
        found += [f"{path}: {one}" for one in fixed_names(transformed(template), inner.get(path, []))]
    print("\n".join(found) or "Every physical name contains the stack's name.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
