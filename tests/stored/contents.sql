-- What stored directories hold: of each kind of thing that is kept, some. make.py runs it on a fresh directory.
CREATE ROLE keeper LOGIN;
CREATE ROLE reader;
GRANT reader TO keeper;
ALTER ROLE keeper SET work_mem = '3MB';
CREATE SCHEMA kept;
SET search_path = kept;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE place AS (x int, y numeric(6,2));
CREATE DOMAIN positive AS int CHECK (VALUE > 0);

CREATE TABLE every_type (
  id int PRIMARY KEY, b bool, s smallint, i int, l bigint, r real, d double precision, n numeric(20,5), m money,
  c char(5), v varchar(10), t text, y bytea, da date, ti time, ts timestamp, tz timestamptz(3), iv interval, u uuid,
  j json, jb jsonb, ip inet, bi bit(3), a int[], ta text[], ra int4range, e mood, p place, po positive);
INSERT INTO every_type VALUES
  (1, true, -1, 2, 3, 1.5, -2.25, 12345.67891, 9.99, 'ab', 'vc', 'text ü', '\x00ff', '2024-02-29', '23:59:59.5',
   '2024-02-29 12:00:00.123456', '2024-02-29 12:00:00.5+00', '1 year 2 days 3 hours', '10000000-0000-0000-0000-00000000000f',
   '{"a": 1 }', '{"b": [1, null]}', '10.0.0.1/8', B'101', '{1,NULL,3}', '{"a,b",c}', '[1,5)', 'ok', (7, 1.5), 42),
  (2, NULL, NULL, NULL, NULL, 'NaN', 'infinity', NULL, NULL, NULL, NULL, '', '', '-infinity', NULL, 'infinity', NULL, NULL,
   NULL, NULL, 'null', NULL, NULL, '{}', NULL, 'empty', 'sad', NULL, 1);

CREATE TABLE history (at timestamp, what text);
INSERT INTO history SELECT timestamp '2024-01-01' + n * interval '1 hour', 'event ' || n FROM generate_series(1, 500) n;
DELETE FROM history WHERE what LIKE '%7';
UPDATE history SET what = 'changed' WHERE what = 'event 10';

CREATE TABLE orders (region text, id int, day date, amount numeric(10,2) DEFAULT 1.5, note text,
                     PRIMARY KEY (region, day, id), CHECK (amount >= 0)) PARTITION BY LIST (region);
CREATE TABLE orders_eu PARTITION OF orders FOR VALUES IN ('eu', 'uk') PARTITION BY RANGE (day);
CREATE TABLE orders_eu_24 PARTITION OF orders_eu FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_eu_rest PARTITION OF orders_eu DEFAULT;
CREATE TABLE orders_us PARTITION OF orders FOR VALUES IN ('us') PARTITION BY HASH (id);
CREATE TABLE orders_us_0 PARTITION OF orders_us FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE orders_us_1 PARTITION OF orders_us FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO orders SELECT (ARRAY['eu', 'uk', 'us'])[n % 3 + 1], n, date '2024-06-01' + n, n / 4.0, 'order ' || n
  FROM generate_series(1, 600) n;
UPDATE orders SET note = 'moved', region = 'us' WHERE id = 3;
DELETE FROM orders WHERE id % 10 = 0;
CREATE UNIQUE INDEX orders_id ON orders_eu_24 (id);
CREATE INDEX orders_note ON orders_eu_rest (lower(note)) WHERE amount > 2;
COMMENT ON TABLE orders IS 'of all regions';

SET experimental_enable_hash_sharded_indexes = on;
CREATE TABLE users (user_id bigint, name varchar(50), PRIMARY KEY (user_id) USING HASH WITH BUCKET_COUNT = 4);
ALTER TABLE users PARTITION BY HASH (kwdb_internal_user_id_shard_4) (PARTITION low VALUES IN (0, 1), PARTITION high VALUES IN (2, 3));
ALTER PARTITION low OF TABLE users CONFIGURE ZONE USING num_replicas = 3, constraints = '{"+region=NODE1": 1}';
INSERT INTO users SELECT n, 'user ' || n FROM generate_series(1, 40) n;

CREATE TABLE sales (id int, day date) DISTRIBUTED BY (id)
  PARTITION BY RANGE (day) (START ('2024-01-01') INCLUSIVE END ('2024-04-01') EXCLUSIVE EVERY (INTERVAL '1 month'), DEFAULT PARTITION other);
INSERT INTO sales SELECT n, date '2023-12-01' + n FROM generate_series(1, 150) n;

CREATE TABLE parents (id int PRIMARY KEY, name text UNIQUE);
CREATE TABLE children (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent int REFERENCES parents ON DELETE CASCADE,
                       twice int GENERATED ALWAYS AS (parent * 2) STORED);
INSERT INTO parents VALUES (1, 'one'), (2, 'two'), (3, 'three');
INSERT INTO children (parent) VALUES (1), (1), (2), (3);
DELETE FROM parents WHERE id = 3;
ALTER TABLE parents ADD COLUMN added text DEFAULT 'later';
ALTER TABLE parents DROP COLUMN name;
INSERT INTO parents VALUES (4, 'four');

CREATE TABLE bases (a int, b text);
CREATE TABLE heirs (c int) INHERITS (bases);
INSERT INTO bases VALUES (1, 'base');
INSERT INTO heirs VALUES (2, 'heir', 3);

CREATE SEQUENCE numbers START 10 INCREMENT 5;
SELECT nextval('numbers'), nextval('numbers');
CREATE VIEW big_orders AS SELECT region, count(*) AS orders, sum(amount) AS amount FROM orders GROUP BY region;
CREATE MATERIALIZED VIEW sums AS SELECT region, sum(amount) AS amount FROM orders GROUP BY region;
CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n * 2';
GRANT SELECT (id, note) ON orders TO reader;
GRANT USAGE ON SCHEMA kept TO reader;
GRANT EXECUTE ON FUNCTION twice(int) TO reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA kept GRANT SELECT ON TABLES TO reader;
