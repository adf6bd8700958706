-- equality, order and grouping of jsonb
select '1'::jsonb = '1.0', '10'::jsonb > '9', '1'::jsonb in ('1.0'), '1'::jsonb <> '1.00', '1'::jsonb < '1.0';
select '[]'::jsonb < 'null', 'null'::jsonb < '""', '"z"'::jsonb < '0', '1e100'::jsonb < 'false', 'true'::jsonb < '[1]', '[9, 9]'::jsonb < '{}';
select '[[]]'::jsonb > '[1]', '[1, 2, 3]'::jsonb > '[9, 9]', '{"b": 1}'::jsonb > '{"a": 2}', '{"aa": 1}'::jsonb > '{"b": 1}', '{"a": 1, "b": 2}'::jsonb > '{"c": 1}';
select v from (values ('10'::jsonb), ('9'), ('1.0'), ('1'), ('-1'), ('"a"'), ('null'), ('true'), ('false'), ('[]'), ('[1]'), ('[1.0]'), ('{}'), ('{"a": 1}'), ('{"a": 1.0}'), (null)) t(v) order by v, v::text;
select v from (values ('10'::jsonb), ('9'), ('100')) t(v) order by v desc limit 2;
select count(*), count(distinct v) from (values ('1'::jsonb), ('1.0'), ('1.00'), ('[1]'), ('[1.0]'), ('2')) t(v);
select min(v::text), count(*) from (values ('1'::jsonb), ('1.0'), ('1.00'), ('2'), (null), (null)) t(v) group by v order by v;
select distinct v from (values ('1'::jsonb), ('1'), ('10'), ('9')) t(v) order by v;
select a.v, b.v from (values ('1'::jsonb), ('2')) a(v) join (values ('1.0'::jsonb), ('3')) b(v) on a.v = b.v;
select a.n, b.n from (values ('1'::jsonb, 1), ('2', 2)) a(v, n) join (values ('1.0'::jsonb, 3), ('3', 4)) b(v, n) using (v);
select count(*) from (select '1'::jsonb union select '1.0' union select '2') u;
select '1'::jsonb in (select '1.0'::jsonb), '1'::jsonb not in (select '2'::jsonb), '1'::jsonb = any (array['2', '1.0']::jsonb[]), '1'::jsonb = all (array['1.00', '1.0']::jsonb[]);
select array['1', '2']::jsonb[] = array['1.0', '2.0']::jsonb[], array['10']::jsonb[] > array['9']::jsonb[], array['1']::jsonb[] @> array['1.0']::jsonb[], array_position(array['2', '1.0']::jsonb[], '1');
select '1'::jsonb is distinct from '1.0', nullif('1'::jsonb, '1.0'), greatest('9'::jsonb, '10'), least('9'::jsonb, '10', '[]');
select case '1'::jsonb when '1.0' then 'same' else 'other' end, '5'::jsonb between '1' and '10';
select v, rank() over (order by v), count(*) over (partition by v) from (values ('1'::jsonb), ('1'), ('10'), ('9')) t(v) order by v;
select n, lag(n) over (order by v) from (values ('10'::jsonb, 1), ('9', 2), ('[]', 3)) t(v, n) order by n;
select array_agg(v order by v) from (values ('10'::jsonb), ('9'), ('1')) t(v);
-- ranges, rows, times with a zone
select r from (values ('[1.5,2]'::numrange), ('[10,11]'), ('[9,10]'), ('empty'), ('(,1]'), ('[1.5,)'), ('(1.5,2]'), (null)) t(r) order by r;
select count(distinct r) from (values ('[1.5,2]'::numrange), ('[1.50,2.0]'), ('[1.5,2)')) t(r);
select count(*) from (values ('[1.5,2]'::numrange), ('[1.50,2.0]')) a(r) join (values ('[1.500,2]'::numrange)) b(r) using (r);
select r from (values ('[10,20)'::int4range), ('[9,20)'), ('[9,10)'), ('[-5,1)')) t(r) order by r desc;
select array['[1.5,2]']::numrange[] = array['[1.50,2.0]']::numrange[];
select count(*) from (select distinct row('1'::jsonb, 1) union select row('1.0'::jsonb, 1)) t;
select t from (values ('10:00+00'::timetz), ('12:00+02'), ('09:00-01'), ('08:00+00')) v(t) order by t;
select '10:00+00'::timetz > '12:00+02'::timetz, '10:00+00'::timetz = '12:00+02'::timetz, max(t) from (values ('10:00+00'::timetz), ('12:00+02')) v(t);
-- columns
create table vo_t (id int, j jsonb, r numrange);
insert into vo_t values (1, '1', '[1.5,2]'), (2, '1.0', '[1.50,2.0]'), (3, '10', '[10,11]'), (4, '9', '[9,10]'), (5, null, null);
select id from vo_t where j = '1' order by id;
select id from vo_t where j > '1' order by j;
select id from vo_t where j in ('1.00', '9.0') order by id;
select id from vo_t where r = '[1.500,2]' order by id;
select id from vo_t order by r, id;
update vo_t set id = id + 10 where j = '1.000';
delete from vo_t where j = '9.0';
select id from vo_t order by id;
-- an interval is held alike whatever its style is
create table vo_i (i interval);
set intervalstyle = 'sql_standard';
insert into vo_i values (interval '3 days' * -1 - interval '4 hours'), (interval '3 days' * -1 + interval '4 hours');
set intervalstyle = 'postgres';
select i from vo_i order by i;
