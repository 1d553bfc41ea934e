"""PyHDFS."""
import os
import sys

import importlib.metadata

import pyhdfs

folder = sys.argv[1]
print("version", importlib.metadata.version("pyhdfs"))

client = pyhdfs.HdfsClient(hosts=os.environ["KERBSIDE_WEBHDFS"].removeprefix("http://"), user_name="somebody")
client.mkdirs(folder)
print("did mkdirs")
client.create(f"{folder}/file", b"one", overwrite=True)
client.append(f"{folder}/file", b" two")
assert client.open(f"{folder}/file").read() == b"one two"
print("did create, append, open")
assert client.listdir(folder) == ["file"]
assert client.get_file_status(f"{folder}/file").length == 7
assert client.get_content_summary(folder).fileCount == 1
assert client.get_file_checksum(f"{folder}/file").algorithm.startswith("MD5-of-")
print("did listdir, get_file_status, get_content_summary, get_file_checksum")
assert client.rename(f"{folder}/file", f"{folder}/renamed")
assert client.exists(f"{folder}/renamed")
print("did rename, exists")
assert client.get_home_directory() == "/team/quant"
print("did get_home_directory")
assert client.delete(folder, recursive=True)
print("did delete")
try:
    client.listdir("/data/weather")
except pyhdfs.HdfsAccessControlException as error:
    print("refused", type(error).__name__, error)
