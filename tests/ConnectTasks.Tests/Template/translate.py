"""Prints the CloudFormation that the SAM translator makes of the template on standard input, sorted."""
import json
import sys

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse


class NoManagedPolicies:
    """The template names none, so there are none to look up."""

    def load(self):
        return {}


template = yaml_parse(sys.stdin.read())
# The translator wants the code to have been uploaded.
template["Globals"]["Function"]["CodeUri"] = "s3://bucket/functions.zip"
json.dump(transform(template, {}, NoManagedPolicies()), sys.stdout, indent=2, sort_keys=True)
