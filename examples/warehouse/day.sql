-- One day of the warehouse, in psql: psql -v month=202604 -v first=2026-04-01 -v next=2026-05-01 -v oldest=2026-01-01
--   -v sales=april.csv -v customers=customers.csv -f day.sql
-- It can be interrupted anywhere: each step is a transaction of its own, and what it makes is there as a whole or not.

\echo The window rolls on: a partition for the new month out of the default one, the oldest goes.
BEGIN;
ALTER TABLE sales SPLIT DEFAULT PARTITION START (:'first'::date) END (:'next'::date)
  INTO (PARTITION :"partition", DEFAULT PARTITION);
ALTER TABLE sales DROP PARTITION FOR (:'oldest'::date);
COMMIT;

\echo A staged load: the file goes into a table aside, is checked and cleaned there, and takes the partition's place.
BEGIN;
CREATE TABLE staged (LIKE sales INCLUDING CONSTRAINTS);
\copy staged FROM 'april.csv' (FORMAT csv, HEADER)
SELECT count(*) AS loaded, count(*) FILTER (WHERE sold < :'first' OR sold >= :'next') AS of_other_months,
       count(*) - count(DISTINCT id) AS twice FROM staged;
DELETE FROM staged WHERE sold < :'first' OR sold >= :'next';
DELETE FROM staged USING (SELECT id, min(ctid) AS kept FROM staged GROUP BY id HAVING count(*) > 1) AS twice
  WHERE staged.id = twice.id AND staged.ctid <> twice.kept;
ALTER TABLE sales EXCHANGE PARTITION :"partition" WITH TABLE staged;
DROP TABLE staged;
COMMIT;
