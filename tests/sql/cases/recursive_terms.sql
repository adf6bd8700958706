-- Aggregates do not stand in the recursive term, but beside a reference to it.
with recursive x (n) as (select 1::bigint union all select count(*) from x) select * from x;
with recursive x (n) as (select 1 union all select count(*) from x) select * from x;
with recursive x (n) as (select 1 union all select sum(n) from x) select * from x;
with recursive x (n) as (select 1 union all select n + 1 from x group by n having max(n) < 3) select * from x;
with recursive x (n) as (select 1 union all select n + 1 from x, (select count(*) as c from (values (1), (2)) v) s where n < c) select * from x;
with recursive x (n) as (select 1 union all select n + row_number() over () from x where n < 3) select n::int from x;
with recursive x (n) as (select count(*) from (values (1), (2)) v union all select n + 1 from x where n < 4) select sum(n) from x;
