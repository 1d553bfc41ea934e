"""pyarrow's own HadoopFileSystem, which is libhdfs and a JVM, over hdfs:// with the nameservice's name."""
import sys

import pandas
import pyarrow
import pyarrow.fs

folder = sys.argv[1]
print("version", pyarrow.__version__)

# The lab has two DataNodes: of the three copies that this client wants by itself, HDFS refuses to append to any.
fs, path = pyarrow.fs.FileSystem.from_uri(f"hdfs://lab{folder}?replication=2")
assert path == folder
fs.create_dir(folder)
print("did create_dir")
with fs.open_output_stream(f"{folder}/file") as stream:
    stream.write(b"0123456789" * 1000)
print("did open_output_stream")
with fs.open_input_file(f"{folder}/file") as file:
    file.seek(9995)
    assert file.read() == b"56789"
print("did open_input_file, seek")
with fs.open_append_stream(f"{folder}/file") as stream:
    stream.write(b"end")
assert fs.get_file_info(f"{folder}/file").size == 10_003
print("did open_append_stream, get_file_info")
fs.move(f"{folder}/file", f"{folder}/moved")
names = [info.base_name for info in fs.get_file_info(pyarrow.fs.FileSelector(folder))]
assert names == ["moved"], names
print("did move, list")
frame = pandas.DataFrame({"price": [1.5, 2.5]})
frame.to_parquet(f"hdfs://lab{folder}/frame.parquet")
assert pandas.read_parquet(f"hdfs://lab{folder}/frame.parquet").equals(frame)
print("did pandas to_parquet, read_parquet")
fs.delete_file(f"{folder}/moved")
fs.delete_dir(folder)
print("did delete_file, delete_dir")
try:
    fs.open_input_file("/data/weather/weather.csv").read()
except OSError as error:
    print("refused", type(error).__name__, error)
