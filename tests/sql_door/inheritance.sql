CREATE TABLE city (name text, people integer DEFAULT 1, CONSTRAINT peopled CHECK (people > 0));
CREATE TABLE capital (state char(2) NOT NULL, name text) INHERITS (city);
CREATE TABLE seat (people integer DEFAULT 5, since date) INHERITS (capital);
CREATE TABLE place (name text, height numeric);
CREATE TABLE high (height numeric, CONSTRAINT peopled CHECK (people > 0)) INHERITS (city, place);
\d city
\d+ city
\d capital
\d+ high
\d seat
ALTER TABLE city ADD COLUMN since date;
ALTER TABLE city ADD COLUMN height numeric;
ALTER TABLE city ADD CONSTRAINT known CHECK (name <> '');
ALTER TABLE ONLY city DROP COLUMN since;
ALTER TABLE capital NO INHERIT city;
\d capital
ALTER TABLE capital INHERIT city;
\d+ capital
INSERT INTO city VALUES ('Rome', 3, 20);
INSERT INTO capital VALUES ('Vienna', 2, 'AT');
INSERT INTO high VALUES ('Quito', 2, 2850);
SELECT tableoid::regclass, * FROM city ORDER BY name;
EXPLAIN (COSTS OFF) SELECT * FROM ONLY city;
CREATE VIEW towns AS SELECT name FROM ONLY city UNION ALL SELECT name FROM capital;
\d+ towns
DROP TABLE city;
DROP TABLE capital;
DROP TABLE city CASCADE;
SELECT name, height FROM place;
CREATE SCHEMA apart;
CREATE TABLE apart.above (a integer);
CREATE TABLE below (b integer) INHERITS (apart.above);
DROP SCHEMA apart;
DROP SCHEMA apart CASCADE;
SELECT * FROM below;
