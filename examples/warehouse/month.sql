-- The turn of a month, in psql, in the folder of sales.csv and customers.csv:
--
--   psql -v partition=m202604 -v first=2026-04-01 -v next=2026-05-01 -v oldest=2026-01-01 -f month.sql
--
-- Each step is one transaction: stopped anywhere, a step is there as a whole or not at all.
\set ON_ERROR_STOP on

\echo The window rolls on: the new month comes out of the default partition, the oldest one goes.
BEGIN;
ALTER TABLE sales SPLIT DEFAULT PARTITION START (:'first') END (:'next') INTO (PARTITION :"partition", DEFAULT PARTITION);
ALTER TABLE sales DROP PARTITION FOR (:'oldest');
COMMIT;

\echo A staged load: the file is looked at aside, and what is sound takes the place of the partition.
BEGIN;
CREATE TEMP TABLE delivered (LIKE sales) ON COMMIT DROP;
\copy delivered FROM 'sales.csv' (FORMAT csv, HEADER) LOG ERRORS SEGMENT REJECT LIMIT 10 ROWS
SELECT linenum, errmsg, rawdata FROM gp_read_error_log('delivered');
SELECT count(*) AS delivered, count(*) - count(DISTINCT id) AS twice,
       count(*) FILTER (WHERE sold < :'first' OR sold >= :'next') AS "of other months" FROM delivered;
CREATE TABLE staged (LIKE sales INCLUDING CONSTRAINTS);
INSERT INTO staged SELECT DISTINCT ON (id) * FROM delivered WHERE sold >= :'first' AND sold < :'next' ORDER BY id;
ALTER TABLE sales EXCHANGE PARTITION :"partition" WITH TABLE staged;
DROP TABLE staged;
COMMIT;

\echo Customers are upserted: the newest state of each counts.
BEGIN;
CREATE TEMP TABLE news (LIKE customers) ON COMMIT DROP;
\copy news FROM 'customers.csv' (FORMAT csv, HEADER)
INSERT INTO customers SELECT * FROM news
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, country = excluded.country, changed = excluded.changed
  WHERE excluded.changed > customers.changed
  RETURNING id, name, country;
COMMIT;

\echo A correction reads and writes one partition.
UPDATE sales SET quantity = quantity + 1, amount = amount + 1.10 WHERE id = 20000 AND sold = :'first'
  RETURNING id, quantity, amount;
