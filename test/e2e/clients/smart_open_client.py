"""smart_open, over webhdfs:// with host and port in the URI, as it always wants them."""
import os
import sys

import importlib.metadata

from smart_open import open as smart_open

folder = sys.argv[1]
print("version", importlib.metadata.version("smart_open"))

base = os.environ["KERBSIDE_WEBHDFS"].replace("http://", "webhdfs://")
with smart_open(f"{base}{folder}/file.gz", "w") as file:
    for number in range(10_000):
        file.write(f"line {number}\n")
print("did write, compressed")
with smart_open(f"{base}{folder}/file.gz") as file:
    assert sum(1 for _ in file) == 10_000
print("did read, line by line")
try:
    with smart_open(f"{base}/data/weather/weather.csv") as file:
        file.read()
except Exception as error:
    print("refused", type(error).__name__, error)
