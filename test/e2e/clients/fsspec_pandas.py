"""A notebook's way: fsspec, pandas and pyarrow's dataset, over webhdfs:// and with nothing set in the code."""
import sys

import fsspec
import pandas
import pyarrow.dataset

folder = sys.argv[1]
print("version", fsspec.__version__)

fs = fsspec.filesystem("webhdfs")
assert [entry["name"] for entry in fs.ls("/data", detail=True)] == ["/data/market"]
print("did ls")
fs.makedirs(folder)
with fs.open(f"{folder}/blocks", "wb", block_size=1 << 20) as file:
    for _ in range(3):
        file.write(b"x" * (1 << 20))
assert fs.info(f"{folder}/blocks")["size"] == 3 << 20
print("did write in blocks")
with fs.open("/data/market/stocks.csv", "rb") as file:
    file.seek(7)
    part = file.read(5)
assert fs.cat("/data/market/stocks.csv")[7:12] == part
print("did read a range")
fs.mv(f"{folder}/blocks", f"{folder}/moved")
assert not fs.exists(f"{folder}/blocks") and fs.exists(f"{folder}/moved")
print("did mv")
assert fs.find(folder) == [f"{folder}/moved"]
print("did find")
assert fs.du(folder) == 3 << 20
print("did du")

frame = pandas.DataFrame({"day": ["mo", "mo", "tu"], "price": [1.5, 2.5, 3.5]})
frame.to_parquet(f"webhdfs://{folder}/frame.parquet")
assert pandas.read_parquet(f"webhdfs://{folder}/frame.parquet").equals(frame)
print("did pandas to_parquet, read_parquet")
assert len(pandas.read_csv("webhdfs:///data/market/stocks.csv")) == 560
print("did pandas read_csv")
table = pyarrow.Table.from_pandas(frame)
pyarrow.dataset.write_dataset(
    table, f"{folder}/dataset", filesystem=fs, format="parquet", partitioning=["day"], partitioning_flavor="hive"
)
read = pyarrow.dataset.dataset(f"{folder}/dataset", filesystem=fs, format="parquet", partitioning="hive")
assert read.to_table(filter=pyarrow.dataset.field("day") == "mo").num_rows == 2
print("did pyarrow write_dataset, dataset with a filter")
fs.rm(folder, recursive=True)
assert not fs.exists(folder)
print("did rm")
try:
    fs.cat("/data/market/nothing")
except FileNotFoundError:
    print("did FileNotFoundError")
try:
    fs.ls("/data/weather")
except PermissionError as error:
    print("refused PermissionError", error)
