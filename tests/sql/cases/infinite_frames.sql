-- Frames by distance over keys that are not finite, and with distances that are not.
CREATE TABLE measured (id int, f float8, r float4, n numeric, p numeric(6,2));
INSERT INTO measured SELECT i, i, i, i, i FROM generate_series(1, 6) i;
INSERT INTO measured VALUES (7, 'infinity', 'infinity', 'infinity', 7), (8, '-infinity', '-infinity', '-infinity', 8), (9, 'nan', 'nan', 'nan', 9), (10, NULL, NULL, NULL, NULL);
SELECT id, array_agg(id) OVER (ORDER BY f RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM measured ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY n RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM measured ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY f RANGE BETWEEN 'inf' PRECEDING AND 'inf' FOLLOWING) FROM measured ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY r RANGE BETWEEN 'inf' PRECEDING AND 1 FOLLOWING) FROM measured ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY n RANGE BETWEEN 'inf' PRECEDING AND 'inf' FOLLOWING) FROM measured ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY p RANGE BETWEEN 'inf' PRECEDING AND 1.5 FOLLOWING) FROM measured ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY f DESC RANGE BETWEEN 'inf' PRECEDING AND 1 FOLLOWING) FROM measured ORDER BY id;
SELECT id, array_agg(id) OVER (ORDER BY n DESC RANGE BETWEEN 2.5 PRECEDING AND 'inf' FOLLOWING) FROM measured ORDER BY id;
SELECT id, count(*) OVER (ORDER BY n DESC NULLS LAST RANGE BETWEEN 'inf' PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM measured ORDER BY id;
SELECT count(*) OVER (ORDER BY f RANGE BETWEEN 'nan' PRECEDING AND 1 FOLLOWING) FROM measured;
SELECT count(*) OVER (ORDER BY n RANGE BETWEEN 1 PRECEDING AND 'nan' FOLLOWING) FROM measured;
SELECT count(*) OVER (ORDER BY n RANGE BETWEEN '-inf' PRECEDING AND 1 FOLLOWING) FROM measured;
DROP TABLE measured;
