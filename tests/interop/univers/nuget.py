"""Sorts NuGet versions, newest first, and selects those in ranges, with univers.

Input: {"versions": [...], "ranges": [...]}; output: {"sorted": [...], "selected": {range: [...]}}.
"""

import json
import sys

from univers.version_range import NugetVersionRange
from univers.versions import NugetVersion

asked = json.load(sys.stdin)
versions = [(NugetVersion(text), text) for text in asked["versions"]]
versions.sort(key=lambda version: version[0], reverse=True)
selected = {}
for text in asked["ranges"]:
    range_ = NugetVersionRange.from_native(text)
    selected[text] = [text for version, text in versions if version in range_]
json.dump({"sorted": [text for _, text in versions], "selected": selected}, sys.stdout)
