"""Spark in its own process, over hdfs:// with the nameservice's name; only what a small test machine needs is set."""
import sys

import pyspark
from pyspark.sql import SparkSession, functions

folder = f"hdfs://lab{sys.argv[1]}/{sys.argv[2]}"
file_manager = sys.argv[3]
print("version", pyspark.__version__)

small = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.driver.memory": "512m",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData",
}
builder = SparkSession.builder.master("local[1]")
for name, value in small.items():
    builder = builder.config(name, value)
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

frame = spark.range(1000).withColumn("day", functions.col("id") % 3)
frame.write.partitionBy("day").parquet(f"{folder}/table")
print("did write of partitioned Parquet")
read = spark.read.parquet(f"{folder}/table")
assert read.count() == 1000
assert read.where("day = 1").agg({"id": "sum"}).collect()[0][0] == sum(range(1, 1000, 3))
print("did read with partitions pruned")
frame.where("day = 2").write.mode("overwrite").parquet(f"{folder}/table")
frame.where("day = 1").write.mode("append").parquet(f"{folder}/table")
assert spark.read.parquet(f"{folder}/table").count() == 666
print("did overwrite, append")
assert spark.read.text("/data/market/stocks.csv").count() == 561
print("did read of text without a scheme")


def stream(checkpoint: str) -> int:
    source = spark.readStream.schema(frame.schema).parquet(f"{folder}/table")
    query = source.writeStream.format("parquet").option("checkpointLocation", checkpoint)
    query.trigger(availableNow=True).start(f"{checkpoint}-out").awaitTermination()
    return spark.read.parquet(f"{checkpoint}-out").count()


try:
    stream(f"{folder}/by-default")
except Exception as error:
    print("streaming", type(error).__name__)
spark.conf.set("spark.sql.streaming.checkpointFileManagerClass", file_manager)
assert stream(f"{folder}/by-file-system") == 666
print("did structured streaming, with FileSystemBasedCheckpointFileManager")
try:
    spark.read.parquet("hdfs://lab/data/weather").count()
except Exception as error:
    print("refused", type(error).__name__, " ".join(str(error).split())[:600])
spark.stop()
