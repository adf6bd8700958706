-- SELECT INTO and EXECUTE where a query stands
create table visit (id integer, place text, day date);
insert into visit values (1, 'bern', '2026-01-05'), (2, 'oslo', '2026-02-01'), (3, 'bern', '2026-02-07');
select place, count(*) as visits into counted from visit group by place;
select * from counted order by place;
with late as (select * from visit where day > '2026-01-31') select id into temporary table late_id from late;
select * from late_id order by id;
select id is distinct from 2 as other into table others from visit;
select count(*) from others where other;
select 1 as a into visit;
select 1 as a union select 2 into nowhere;
select * from (select 1 as a into nowhere) s;
select nothing into nowhere from visit;
create table nowhere as select nothing from visit;
prepare by_place(text) as select id, day from visit where place = $1;
create table of_bern as execute by_place('bern');
select * from of_bern order by id;
create table of_oslo (number, "when") as execute by_place('oslo') with no data;
select * from of_oslo;
create table of_none as execute by_place();
create table of_none as execute by_nobody('x');
prepare wrong as select nothing from visit;
declare wrong cursor with hold for select nothing from visit;
-- whole rows that an outer join makes up
create table node (id integer, next integer);
insert into node values (1, 2), (2, 9);
select n.id, count(m.*) from node n left join (select * from node) m on m.id = n.next group by n.id order by n.id;
select n.id, m is null as missing, m from node n left join (select id, next as to_node from node offset 0) m on m.id = n.next order by n.id;
select n.id, v from node n left join (values (2, 'two'), (3, 'three')) v on v.column1 = n.next order by n.id;
with w as (select * from node) select n.id, w from node n left join w on w.id = n.next order by n.id;
select m, n from (select 1 as a) m full join (select 2 as a) n on m.a = n.a order by m.a;
-- a constant that is grouped by
select 1 as x, id, sum(next) from node group by grouping sets (1, 2) order by 2, 3;
select count(*) from (select 'a' as x, id, sum(next) from node group by grouping sets (1, 2)) s where x = 'a';
-- numbers by templates without digits behind the point
select to_char(100::numeric, 'FM999.'), to_char(1020, 'FM9999.'), to_char(0, 'FM9.'), to_char(12.5, 'FM990.'), to_char(100, '999.');
-- long intervals
select interval '2000000 hours', interval '-2562047 hours', interval '100 years 2000000 hours' * 1.25;
select interval '3000000 months' / 0.001;
select interval '3000000 days' / 0.001;
select interval '1 month 2146410 days' * 1000.5002;
-- partition trees of indexes
create table item (kind integer, id integer, name text, primary key (kind, id)) partition by list (kind);
create index item_name on item (name);
create table item_1 partition of item for values in (1);
create table item_more partition of item for values in (2, 3) partition by range (id);
create table item_more_low partition of item_more for values from (0) to (100);
select relid::text, parentrelid::text, isleaf, level from pg_partition_tree('item_name') order by level, relid::text;
select relid::text, parentrelid::text, isleaf, level from pg_partition_tree('item_pkey') order by level, relid::text;
select relid::text, parentrelid::text, isleaf, level from pg_partition_tree('item_more_name_idx') order by level, relid::text;
select pg_partition_root('item_more_low_name_idx'), pg_partition_root('item_1_pkey'), pg_partition_root('item_more');
select * from pg_partition_ancestors('item_more_low_name_idx');
select * from pg_partition_ancestors('item_more_low_pkey');
select * from pg_partition_tree('visit');
create index visit_id on visit (id);
select pg_partition_root('visit_id'), pg_partition_root('visit');
create table named_twice (a, b, c) as select 1, 2;
create table named_twice (a) as select 1, 2;
select * from named_twice;
drop table named_twice;
