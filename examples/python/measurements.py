"""Tables of devices and of what they measured: in a directory, or on a server.

Usage: measurements.py [DIRECTORY | HOST:PORT]
"""

import sys

import pyarrow as pa

from fluss import Schema, TableDescriptor, TablePath, col
from fluss.sync import FlussConnection

MEASUREMENTS = TablePath("fluss", "measurements")
DEVICES = TablePath("fluss", "devices")


def create_tables(admin):
    columns = pa.schema([("device", pa.int64()), ("value", pa.float64()), ("region", pa.string())])
    admin.create_table(
        MEASUREMENTS,
        TableDescriptor(Schema(columns), partition_keys=["region"], bucket_count=2, bucket_keys=["device"]),
        ignore_if_exists=True,
    )
    for region in ("EU", "US"):
        admin.create_partition(MEASUREMENTS, {"region": region}, ignore_if_exists=True)
    devices = pa.schema([pa.field("device", pa.int64(), nullable=False), ("name", pa.string())])
    admin.create_table(DEVICES, TableDescriptor(Schema(devices, primary_keys=["device"])), ignore_if_exists=True)


def main(place):
    with FlussConnection.open(place) as conn:
        create_tables(conn.get_admin())

        measurements = conn.get_table(MEASUREMENTS)
        with measurements.new_append_writer() as writer:  # leaving the block waits until all is on disk
            for i in range(1000):
                writer.append({"device": i % 10, "value": i / 8, "region": "EU" if i % 4 == 0 else "US"})

        devices = conn.get_table(DEVICES)
        with devices.new_upsert().create_writer() as writer:
            writer.upsert({"device": 7, "name": "boiler"})
        lookuper = devices.new_lookup().create_lookuper()
        print("device 7 is the", lookuper.lookup({"device": 7})["name"])

        # One column of one partition; nothing else is read.
        values = measurements.to_arrow(["value"], filter=col("region") == "EU")["value"].to_pylist()
        print(f"EU: {len(values)} measurements, sum {sum(values)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "memory:")
