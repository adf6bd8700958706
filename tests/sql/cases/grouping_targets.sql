-- Two targets of one expression are two things to group by. (PostgreSQL sorts them wrong: they are sorted above.)
select * from (select a as x, a as y, count(*) from (values (1), (1), (2)) v(a) group by x, rollup (y)) s order by 1, 2, 3;
select * from (select a as x, a as y, count(*), grouping(a) from (values (1), (1), (2)) v(a) group by rollup (x), rollup (y)) s order by 1, 2, 3;
select * from (select a as x, a + 1 as y, a + 1 as z, count(*) from (values (1), (1), (2)) v(a) group by x, rollup (y, z)) s order by 1, 2, 3;
select * from (select 1 as x, 1 as y, count(*) from (values (1), (1), (2)) v(a) group by x, rollup (y)) s order by 2;
select * from (select a as x, a as y, a as z, count(*) from (values (1.0), (1.0), (2)) v(a) group by cube (x, y, z)) s order by 1, 2, 3;
select * from (select a as x, a as y from (values (1), (2)) v(a) group by a, rollup (y)) s order by 1, 2;
select a, count(*) from (values (1), (2)) v(a) group by a, rollup (a) order by 1;
select a as x, a as y from (values (1), (2)) v(a) group by x, y order by 1;
select (select 1) as x, count(*) from (values (1), (2)) v(a) group by x, rollup (a) order by 2;
