"""Writes the permissions that a deployer needs: infra/deployer-policy.json and the table in docs/PERMISSIONS.md.

CloudFormation's resource types declare the permissions of their handlers. cfn-lint, whose version
infra/requirements.txt pins, contains these declarations. The script collects them for all resource types of the
transformed templates, and adds the calls of SAM CLI. With --check it writes nothing, and exits with 1 if a file is
outdated.
"""

import json
import pathlib
import sys

import cfnlint
from physical_names import nested, read, transformed

TEMPLATE = "template.yaml"
POLICY = pathlib.Path("infra/deployer-policy.json")
PAGE = pathlib.Path("docs/PERMISSIONS.md")
BEGIN, END = "<!-- deployer-permissions: begin -->\n", "<!-- deployer-permissions: end -->\n"

SCHEMAS = pathlib.Path(cfnlint.__file__).parent / "data/schemas"

# The quota for characters of a managed policy, without white space (IAM user guide, "Quotas").
MAX_SIZE = 6144

# The calls of `sam deploy` and `sam delete` themselves: stacks, change sets, and the bucket for artifacts.
SAM = [
    "cloudformation:CreateChangeSet",
    "cloudformation:CreateStack",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResources",
    "cloudformation:DescribeStacks",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
    "cloudformation:GetTemplateSummary",
    "cloudformation:ListStackResources",
    "s3:CreateBucket",
    "s3:DeleteObject",
    "s3:GetBucketLocation",
    "s3:GetBucketPolicy",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketTagging",
    "s3:PutBucketVersioning",
    "s3:PutEncryptionConfiguration",
    "s3:PutObject",
    "sts:GetCallerIdentity",
]


def resource_types():
    """The resource types of the template and its nested templates, after SAM's transform."""
    template = read(TEMPLATE)
    all_templates = [template, *(read(location) for location, _ in nested(template))]
    found = {resource["Type"] for one in all_templates for resource in transformed(one)["Resources"].values()}
    return sorted(found)


def handler_permissions(kind):
    """The permissions of all handlers of a resource type."""
    index = json.loads((SCHEMAS / "providers/us-east-1.json").read_text())
    schema = json.loads((SCHEMAS / f"resources/{index[kind]}.json").read_text())
    handlers = schema.get("handlers", {})
    return {permission for handler in handlers.values() for permission in handler.get("permissions", [])}


def permissions():
    """All actions, by service."""
    actions = set(SAM)
    for kind in resource_types():
        actions |= handler_permissions(kind)
    by_service = {}
    for action in sorted(actions, key=str.lower):
        service, name = action.split(":")
        by_service.setdefault(service.lower(), []).append(name)
    return by_service


def policy(by_service):
    """The policy document. Roles have the stack's name at the beginning of theirs."""
    def statement(sid, services, resource):
        actions = [f"{service}:{name}" for service in services for name in by_service[service]]
        return {"Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource}

    others = [service for service in sorted(by_service) if service != "iam"]
    statements = [
        statement("DeployTheStack", others, "*"),
        statement("ManageItsRoles", ["iam"], "arn:*:iam::*:role/*feed-triggers*"),
    ]
    document = {"Version": "2012-10-17", "Statement": statements}
    size = len(json.dumps(document, separators=(",", ":")))
    if size > MAX_SIZE:
        sys.exit(f"the policy has {size} characters, and a managed policy at most {MAX_SIZE}")
    return json.dumps(document, indent=2) + "\n"


def table(by_service):
    """The table of docs/PERMISSIONS.md."""
    rows = (f"| `{service}` | {', '.join(f'`{name}`' for name in by_service[service])} |" for service in sorted(by_service))
    return "\n".join(["| service | actions |", "|---|---|", *rows]) + "\n"


def main(arguments):
    by_service = permissions()
    page = PAGE.read_text(encoding="utf-8")
    before, rest = page.split(BEGIN)
    after = rest.split(END)[1]
    expected = {POLICY: policy(by_service), PAGE: before + BEGIN + table(by_service) + END + after}
    if arguments != ["--check"]:
        for path, text in expected.items():
            path.write_text(text, encoding="utf-8")
        return 0
    outdated = [path for path, text in expected.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in outdated:
        print(f"{path} is outdated; run infra/checks/deployer_permissions.py")
    return 1 if outdated else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
