"""pywebhdfs."""
import os
import sys
from urllib.parse import urlsplit

import importlib.metadata

from pywebhdfs.webhdfs import PyWebHdfsClient

folder = sys.argv[1].lstrip("/")
print("version", importlib.metadata.version("pywebhdfs"))

gateway = urlsplit(os.environ["KERBSIDE_WEBHDFS"])
client = PyWebHdfsClient(host=gateway.hostname, port=str(gateway.port), user_name="somebody")
client.make_dir(folder)
client.create_file(f"{folder}/file", b"one", overwrite=True)
client.append_file(f"{folder}/file", b" two")
assert client.read_file(f"{folder}/file") == b"one two"
print("did make_dir, create_file, append_file, read_file")
assert client.get_file_dir_status(f"{folder}/file")["FileStatus"]["length"] == 7
assert len(client.list_dir(folder)["FileStatuses"]["FileStatus"]) == 1
assert client.get_content_summary(folder)["ContentSummary"]["fileCount"] == 1
print("did get_file_dir_status, list_dir, get_content_summary")
client.rename_file_dir(f"{folder}/file", f"/{folder}/renamed")
client.delete_file_dir(folder, recursive=True)
assert not client.exists_file_dir(folder)
print("did rename_file_dir, delete_file_dir, exists_file_dir")
try:
    client.list_dir("data/weather")
except Exception as error:
    print("refused", type(error).__name__, error)
