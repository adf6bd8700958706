// Devices and what they measured, in SQL through node-postgres.
//
// Usage: node measurements.js postgres://weir@127.0.0.1:5432/fluss
import pg from "pg";

const client = new pg.Client({ connectionString: process.argv[2] });
await client.connect();

await client.query(`
  CREATE TABLE node_measurements (device bigint, value float8, region text NOT NULL) PARTITION BY LIST (region);
  CREATE TABLE node_measurements_eu PARTITION OF node_measurements FOR VALUES IN ('EU');
  CREATE TABLE node_measurements_us PARTITION OF node_measurements FOR VALUES IN ('US');
  CREATE TABLE node_devices (device bigint PRIMARY KEY, name text);`);

// Many rows in one statement: arrays that become columns.
const numbers = Array.from({ length: 1000 }, (_, i) => i);
await client.query("INSERT INTO node_measurements SELECT * FROM unnest($1::bigint[], $2::float8[], $3::text[])", [
  numbers.map((i) => i % 10),
  numbers.map((i) => i / 8),
  numbers.map((i) => (i % 4 === 0 ? "EU" : "US")),
]);

await client.query("BEGIN");
await client.query(
  "INSERT INTO node_devices VALUES ($1, $2) ON CONFLICT (device) DO UPDATE SET name = excluded.name",
  [7, "boiler"],
);
await client.query("COMMIT");

const device = await client.query("SELECT name FROM node_devices WHERE device = $1", [7]);
console.log("device 7 is the", device.rows[0].name);

const eu = await client.query("SELECT count(*), sum(value) FROM node_measurements WHERE region = $1", ["EU"]);
console.log(`EU: ${eu.rows[0].count} measurements, sum ${eu.rows[0].sum}`);
await client.end();
