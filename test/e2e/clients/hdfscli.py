"""HdfsCLI (package `hdfs`), with the client that its configuration file names."""
import sys

import hdfs
from hdfs.config import Config

folder = sys.argv[1]
print("version", hdfs.__version__)

client = Config().get_client()
client.makedirs(folder)
print("did makedirs")
client.write(f"{folder}/file", data=b"one", overwrite=True)
client.write(f"{folder}/file", data=b" two", append=True)
print("did write, append")
with client.read(f"{folder}/file", offset=4) as reader:
    assert reader.read() == b"two"
print("did read from an offset")
with open("upload", "wb") as file:
    file.write(b"x" * 100_000)
client.upload(f"{folder}/uploaded", "upload")
client.download(f"{folder}/uploaded", "download", overwrite=True)
assert open("download", "rb").read() == b"x" * 100_000
print("did upload, download")
assert sorted(client.list(folder)) == ["file", "uploaded"]
assert client.status(f"{folder}/file")["length"] == 7
assert client.content(folder)["length"] == 100_007
assert client.checksum(f"{folder}/uploaded")["algorithm"].startswith("MD5-of-")
print("did list, status, content, checksum")
client.rename(f"{folder}/file", f"{folder}/renamed")
client.set_permission(f"{folder}/renamed", "640")
client.set_times(f"{folder}/renamed", modification_time=1_000_000)
assert client.status(f"{folder}/renamed")["permission"] == "640"
print("did rename, set_permission, set_times")
assert [name for name, _, _ in client.walk(folder)] == [folder]
client.delete(folder, recursive=True)
print("did walk, delete")
try:
    client.list("/data/weather")
except hdfs.HdfsError as error:
    print("refused", type(error).__name__, error)
