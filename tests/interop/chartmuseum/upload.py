"""Uploads a packaged chart with ChartMuseum's API: POST BASE/api/charts, which Gitea and Forgejo have, too.

Arguments: the base URL and the file. The user and the password are in INTEROP_USER and INTEROP_PASSWORD.
"""

import base64
import os
import sys
import urllib.request

base, file = sys.argv[1:]
with open(file, "rb") as chart:
    request = urllib.request.Request(base.rstrip("/") + "/api/charts", data=chart.read(), method="POST")
request.add_header("Content-Type", "application/octet-stream")
user, password = os.environ.get("INTEROP_USER"), os.environ.get("INTEROP_PASSWORD")
if user and password:
    login = base64.b64encode(f"{user}:{password}".encode()).decode()
    request.add_header("Authorization", f"Basic {login}")
with urllib.request.urlopen(request, timeout=60) as response:
    response.read()
