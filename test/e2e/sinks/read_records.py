"""Reads exported records as anybody with Spark would: a table partitioned by day, at hdfs://."""
import sys

from pyspark.sql import SparkSession, functions

folder = sys.argv[1]
small = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
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

records = spark.read.parquet(f"hdfs://lab{folder}")
row = records.agg(functions.count("*"), functions.countDistinct("sidecar", "sequence")).collect()[0]
print("records", row[0], row[1])
print("days", [str(day.day) for day in records.select("day").distinct().orderBy("day").collect()])
denied = records.where("kind = 'start' AND effect = 'deny'").groupBy("team", "reason").count().collect()
print("denied", [tuple(one) for one in denied])
first = records.where("sequence = 6").select("time", "path", "client", "grants").collect()[0]
print("first", first.time.isoformat(), first.path, first.client, list(first.grants))
ends = records.where("kind = 'end'").select("sidecar", "operation_id", "bytes_read")
starts = records.where("kind = 'start'").select("sidecar", "operation_id", "dataset")
print("read", [tuple(one) for one in starts.join(ends, ["sidecar", "operation_id"]).groupBy("dataset").sum("bytes_read").collect()])
spark.stop()
