//! Devices and what they measured: Apache Fluss's own client writes, and SQL reads what it wrote.
//!
//! Usage: measurements HOST:PORT "host=127.0.0.1 port=5432 user=weir dbname=fluss"

use std::collections::HashMap;
use std::error::Error;

use fluss::client::{FlussAdmin, FlussConnection};
use fluss::config::Config;
use fluss::metadata::{DataTypes, PartitionSpec, Schema, TableDescriptor, TablePath};
use fluss::row::{DataGetters, GenericRow};

type Done = Result<(), Box<dyn Error>>;

async fn create_tables(admin: &FlussAdmin, measurements: &TablePath, devices: &TablePath) -> Done {
    let columns = Schema::builder()
        .column("device", DataTypes::bigint())
        .column("value", DataTypes::double())
        .column("region", DataTypes::string())
        .build()?;
    let descriptor = TableDescriptor::builder().schema(columns).partitioned_by(vec!["region"]).build()?;
    admin.create_table(measurements, &descriptor, true).await?;
    for region in ["EU", "US"] {
        admin.create_partition(measurements, &PartitionSpec::new(HashMap::from([("region", region)])), true).await?;
    }
    let columns = Schema::builder()
        .column("device", DataTypes::bigint())
        .column("name", DataTypes::string())
        .primary_key(vec!["device"])?
        .build()?;
    admin.create_table(devices, &TableDescriptor::builder().schema(columns).build()?, true).await?;
    Ok(())
}

async fn write(connection: &FlussConnection, measurements: &TablePath, devices: &TablePath) -> Done {
    let table = connection.get_table(measurements).await?;
    let writer = table.new_append()?.create_writer()?;
    for i in 0..1000i64 {
        let mut row = GenericRow::new(3);
        row.set_field(0, i % 10);
        row.set_field(1, i as f64 / 8.0);
        row.set_field(2, if i % 4 == 0 { "EU" } else { "US" });
        writer.append(&row)?;
    }
    writer.flush().await?;

    let table = connection.get_table(devices).await?;
    let writer = table.new_upsert()?.create_writer()?;
    let mut row = GenericRow::new(2);
    row.set_field(0, 7i64);
    row.set_field(1, "boiler");
    writer.upsert(&row)?;
    writer.flush().await?;

    let mut lookuper = table.new_lookup()?.create_lookuper()?;
    let mut key = GenericRow::new(1);
    key.set_field(0, 7i64);
    if let Some(found) = lookuper.lookup(&key).await?.get_single_row()? {
        println!("device 7 is the {}", found.get_string(1)?);
    }
    Ok(())
}

async fn sum(sql: &str) -> Done {
    let (client, connection) = tokio_postgres::connect(sql, tokio_postgres::NoTls).await?;
    let running = tokio::spawn(connection);
    let query = "SELECT count(*), sum(value) FROM rust_measurements WHERE region = $1";
    let row = client.query_one(query, &[&"EU"]).await?;
    println!("EU: {} measurements, sum {}", row.get::<_, i64>(0), row.get::<_, f64>(1));
    drop(client);
    running.await??;
    Ok(())
}

#[tokio::main]
async fn main() -> Done {
    let arguments: Vec<String> = std::env::args().collect();
    let config = Config { bootstrap_servers: arguments[1].clone(), ..Config::default() };
    let connection = FlussConnection::new(config).await?;
    let measurements = TablePath::new("fluss", "rust_measurements");
    let devices = TablePath::new("fluss", "rust_devices");
    create_tables(&*connection.get_admin()?, &measurements, &devices).await?;
    write(&connection, &measurements, &devices).await?;
    sum(&arguments[2]).await
}
