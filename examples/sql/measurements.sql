-- Devices and what they measured, in SQL: `weir sql --data DIR measurements.sql`, or psql -f.
CREATE TABLE measurements (device bigint, value float8, region text NOT NULL) PARTITION BY LIST (region);
CREATE TABLE measurements_eu PARTITION OF measurements FOR VALUES IN ('EU');
CREATE TABLE measurements_us PARTITION OF measurements FOR VALUES IN ('US');
CREATE TABLE devices (device bigint PRIMARY KEY, name text);

INSERT INTO measurements
SELECT i % 10, i / 8.0, CASE WHEN i % 4 = 0 THEN 'EU' ELSE 'US' END FROM generate_series(0, 999) AS i;

INSERT INTO devices VALUES (7, 'pump');
INSERT INTO devices VALUES (7, 'boiler') ON CONFLICT (device) DO UPDATE SET name = excluded.name;

-- What a transaction has done is gone with ROLLBACK.
BEGIN;
DELETE FROM measurements WHERE region = 'US' AND device = 3;
ROLLBACK;

SELECT region, count(*), sum(value) FROM measurements GROUP BY region ORDER BY region;
SELECT d.name, count(*) FROM measurements m JOIN devices d USING (device) WHERE m.region = 'US' GROUP BY d.name;
EXPLAIN (COSTS OFF) SELECT sum(value) FROM measurements WHERE region = 'EU';
