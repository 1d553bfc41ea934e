"""A plugin of pytest: one line of JSON for each test, when it is over."""

import json
import os


def pytest_runtest_logreport(report):
    if report.when != "call" and report.outcome == "passed":
        return
    file, _, name = report.nodeid.partition("::")
    said = "" if report.outcome == "passed" else str(report.longrepr).strip().split("\n")[-1]
    print("\n" + json.dumps({"test": f"{os.path.basename(file)} {name}", "end": report.outcome, "said": said}), flush=True)
