"""OpenDAL, which names no user and asks for addresses without redirects."""
import os
import sys

import importlib.metadata

import opendal

folder = sys.argv[1]
print("version", importlib.metadata.version("opendal"))

operator = opendal.Operator("webhdfs", endpoint=os.environ["KERBSIDE_WEBHDFS"], root="/")
operator.create_dir(f"{folder}/")
print("did create_dir")
operator.write(f"{folder}/file", b"x" * (4 << 20))
print("did write")
assert operator.read(f"{folder}/file") == b"x" * (4 << 20)
print("did read")
assert operator.stat(f"{folder}/file").content_length == 4 << 20
print("did stat")
assert [entry.name for entry in operator.list(f"{folder}/") if entry.name == "file"] == ["file"]
print("did list")
operator.delete(f"{folder}/file")
assert not operator.exists(f"{folder}/file")
operator.delete(f"{folder}/")
print("did delete, exists")
try:
    operator.read("/data/weather/weather.csv")
except opendal.exceptions.PermissionDenied as error:
    print("refused", type(error).__name__, error)
