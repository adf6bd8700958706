-- rows that compare by their values: which of equal ones shows is PostgreSQL's choice, so counts and keys are asked for
select count(*) from (select '1'::jsonb intersect select '1.0') u;
select count(*) from (select '1'::jsonb except select '1.0') u;
select v from (values ('1'::jsonb), ('2'), ('3')) l(v) intersect select v from (values ('2'::jsonb), ('3'), ('4')) r(v) order by v;
select v from (values ('1'::jsonb), ('2'), ('2'), ('3')) l(v) except select v from (values ('3.0'::jsonb), ('4')) r(v) order by v;
select v from (values ('1'::jsonb), ('1'), ('1'), ('2'), ('2')) l(v) intersect all select v from (values ('1'::jsonb), ('1'), ('2'), ('2'), ('2')) r(v) order by v;
select v from (values ('1'::jsonb), ('1'), ('1'), ('2'), ('2')) l(v) except all select v from (values ('1'::jsonb), ('2'), ('2'), ('2')) r(v) order by v;
select v from (values ('[1,5)'::int4range, 1), ('[2,5)', 2)) l(v, n) intersect select '[1,4]'::int4range;
select count(*) from (select r from (values ('[1.5,2]'::numrange), (null)) l(r) intersect select r from (values ('[1.50,2.0]'::numrange), (null)) r(r)) u;
select count(*) from (select r from (values ('[1.5,2]'::numrange), (null), (null)) l(r) except all select r from (values ('[1.50,2.0]'::numrange), (null)) r(r)) u;
select i from (values ('1 day'::interval, 'a'), ('25 hours', 'b')) l(i, t) except select '24 hours'::interval;
select count(*) from (select i, t from (values ('1 day'::interval, 'a'), ('1 day', 'b')) l(i, t) intersect select i, t from (values ('24 hours'::interval, 'b'), ('1 day', 'c')) r(i, t)) u;
select count(*) from (select '10:00+00'::timetz except select '12:00+02'::timetz) u;
select v from (values ('3'::jsonb), ('1'), ('2')) l(v) intersect select v from (values ('1'::jsonb), ('2'), ('3')) r(v) order by v desc limit 2;
select v from ((select '1'::jsonb as v union all select '2' union all select '3') except (select '2.0'::jsonb) intersect select '2') t(v) order by v;
select count(*) from (select row('1'::jsonb, 1) intersect select row('1.0'::jsonb, 1)) u;
select count(*) from (select array['1', '2']::jsonb[] intersect select array['1.0', '2.00']::jsonb[]) u;
create table so_left (j jsonb, n int);
create table so_right (j jsonb, n int);
insert into so_left values ('{"a": 1.0}', 1), ('{"a": 1}', 1), ('null', 2), (null, 3);
insert into so_right values ('{"a": 1}', 1), (null, 3);
select count(*) from (select * from so_left intersect select * from so_right) u;
select * from so_left except select * from so_right;
select count(*) from (select * from so_left except all select * from so_right) u;
select n from so_left where j in (select j from so_left intersect select j from so_right) order by n;
-- values that compare by their form
select 1 intersect select 1.0;
select a from (values (1), (1), (2)) l(a) except all select 1 order by a;
select 1 except select 2 limit 0;
