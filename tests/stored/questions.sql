-- Asked of each stored directory: the answers are those of the build that has written it.
\pset null '·'
SET search_path = kept;
SET timezone = 'UTC';
SELECT * FROM every_type ORDER BY id;
SELECT count(*), min(at), max(at), count(*) FILTER (WHERE what = 'changed') FROM history;
SELECT tableoid::regclass::text, count(*), sum(id), sum(amount), min(note), max(note) FROM orders GROUP BY 1 ORDER BY 1;
SELECT region, day, id, amount FROM orders WHERE note = 'moved';
SELECT id FROM orders_eu_24 WHERE id = 6;
SELECT count(*) FROM orders_eu_rest WHERE lower(note) = 'order 300' AND amount > 2;
SELECT tableoid::regclass::text, kwdb_internal_user_id_shard_4, count(*) FROM users GROUP BY 1, 2 ORDER BY 2;
SELECT tableoid::regclass::text, count(*) FROM sales GROUP BY 1 ORDER BY 1;
SELECT * FROM parents ORDER BY 1;
SELECT * FROM children ORDER BY 1;
SELECT tableoid::regclass, * FROM bases ORDER BY a;
SELECT last_value >= 15, is_called FROM numbers;  -- a power cut may skip some
SELECT * FROM big_orders ORDER BY 1;
SELECT * FROM sums ORDER BY 1;
SELECT twice(21);
SELECT table_name, partition_name, partition_value, zone_config FROM [SHOW PARTITIONS FROM TABLE users] p ORDER BY 2;
SELECT create_statement FROM [SHOW CREATE TABLE users] c;
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
  WHERE connamespace = 'kept'::regnamespace ORDER BY 1, 2;
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class c ON c.oid = indexrelid
  WHERE relnamespace = 'kept'::regnamespace ORDER BY 1;
SELECT typname, typtype FROM pg_type WHERE typnamespace = 'kept'::regnamespace AND typtype IN ('e', 'd') ORDER BY 1;
SELECT enumlabel FROM pg_enum WHERE enumtypid = 'mood'::regtype ORDER BY enumsortorder;
SELECT relname, relacl FROM pg_class WHERE relname IN ('orders', 'sums') ORDER BY 1;
SELECT attname, attacl FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attacl IS NOT NULL ORDER BY 1;
SELECT rolname, rolcanlogin, rolconfig FROM pg_roles WHERE rolname IN ('keeper', 'reader') ORDER BY 1;
SELECT pg_has_role('keeper', 'reader', 'MEMBER'), obj_description('orders'::regclass), defaclacl FROM pg_default_acl;
-- What is written goes on from there.
INSERT INTO orders VALUES ('eu', 1000, '2024-07-01'), ('us', 1001, '2024-07-01');
INSERT INTO orders_eu_24 VALUES ('eu', 6, '2024-08-01');
INSERT INTO children (parent) VALUES (2) RETURNING id > 4, parent, twice;
INSERT INTO children (parent) VALUES (9);
DELETE FROM parents WHERE id = 1;
SELECT count(*) FROM children;
SELECT nextval('numbers') > 15;
REFRESH MATERIALIZED VIEW sums;
SELECT * FROM sums ORDER BY 1;
ALTER TABLE every_type ADD COLUMN more int DEFAULT 5;
SELECT sum(more) FROM every_type;
UPDATE history SET what = 'again' WHERE what = 'changed';
SELECT count(*) FROM history WHERE what = 'again';
