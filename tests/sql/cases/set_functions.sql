-- Functions that give sets, in targets.
select generate_series(1, 2), generate_series(1, 4) order by 2 desc;
select generate_series(1, generate_series(1, 3)), generate_series(2, 4) order by 1, 2;
select generate_series(generate_series(1, 2), 2) + 10 as n order by n;
select x, generate_series(1, x) + x, x + 1 from (values (3), (1)) v(x) order by x desc;
select unnest(array[1, 2]) as u, count(*) over () from (values (1), (2)) v(x) where x > 1 order by u;
select unnest(a) as u from (values (array[1, 2]), (array[3])) v(a) limit 2 offset 1;
select distinct generate_series(1, 3) % 2 as m order by 1;
select distinct on (a) a, b, generate_series(1, 2) g from (values (3, 2), (3, 1), (1, 1), (1, 4)) t(a, b) order by a, b desc;
select distinct on (a, b, g) a, b, generate_series(1, 2) g from (values (3, 2), (3, 2), (1, 1)) t(a, b) order by a, b, g;
select x, generate_series(1, 3) g from (values (1), (2)) v(x) order by x limit 4;
select x, generate_series(1, 3) g from (values (1), (2)) v(x) order by g desc, x limit 4;
-- Grouped by.
select a, count(*), unnest(array[1, 1, 3]) as u from (values ('x'), ('y')) v(a) group by a, u order by 1, 3;
select a, count(*) from (values ('x'), ('y')) v(a) group by a, unnest(array[1, 1, 3]) order by 1, 2;
select x, count(*), generate_series(1, 2) g from (values (1), (2), (1)) v(x) group by cube (x, g) order by 1, 3;
select a, generate_series(1, sum(b)::int) from (values ('x', 1), ('y', 2), ('x', 1)) v(a, b) group by a order by 1, 2;
select sum(count(*)) over (partition by generate_series(1, 2)), generate_series(1, 2) g from (values (1), (2)) v(x) group by g order by g;
select max(g) from (select generate_series(1, x) g from (values (3), (5)) v(x)) s;
-- Where they may not stand.
select case when x > 1 then generate_series(1, 2) end from (values (1), (2)) v(x);
select * from generate_series(1, generate_series(1, 3));
select 1 from (values (1)) v(x) limit generate_series(1, 2);
-- What is volatile is computed for the rows that are left, in their order.
create sequence numbers;
select nextval('numbers'), x from (values (3), (1), (2)) v(x) order by x limit 2;
select nextval('numbers'), x from (values (3), (1), (2)) v(x) order by x desc;
select x, nextval('numbers') from generate_series(1, 3000) v(x) limit 2;
select nextval('numbers') + 0 * x as n, count(*) from (values (3), (1), (3)) v(x) group by x order by x;
select nextval('numbers') as n, x from (values (2), (1)) v(x) order by n;
select currval('numbers');
-- LIMIT and OFFSET that depend on a row of the query around.
select x, (select g from generate_series(1, 3) g order by g desc limit 1 offset v.x) from (values (0), (1), (3)) v(x) order by x;
select x, array(select g from generate_series(1, 4) g order by g desc limit v.x) from (values (0), (1), (3)) v(x) order by x;
select x, (select generate_series(1, 3) limit 1 offset v.x) from (values (0), (2), (3)) v(x) order by x;
select s, (select n from (values (1)) as x, (select n from generate_series(1, 10) as n order by n limit 1 offset s - 1) as y) as z from generate_series(1, 3) as s order by s;
-- Constants in an aggregate's order.
select string_agg(x, ',' order by 'c'), array_agg(x order by 1, x desc) from (values ('a'), ('b')) v(x);
