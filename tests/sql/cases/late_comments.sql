-- A target that is computed late leaves the order of the rows to ORDER BY, whatever tells of comments beside it.
create table lc_b (a int);
create table lc_a (a int);
create table lc_d (a int);
create table lc_c (a int);
comment on table lc_c is 'third';
comment on table lc_a is 'first';
comment on column lc_d.a is 'fourth';
comment on column lc_b.a is 'second';
select relname, random() < 2 as late, obj_description(oid, 'pg_class') from pg_class where relname in ('lc_a', 'lc_b', 'lc_c', 'lc_d') order by relname;
select relname, random() < 2 as late, obj_description(oid) from pg_class where relname in ('lc_a', 'lc_b', 'lc_c', 'lc_d') order by relname desc;
select relname, random() < 2 as late, col_description(oid, 1) from pg_class where relname in ('lc_a', 'lc_b', 'lc_c', 'lc_d') order by relname;
select relname, pg_size_pretty(pg_table_size(oid)) as size, 'c: ' || obj_description(oid, 'pg_class') as c from pg_class where relname in ('lc_a', 'lc_b', 'lc_c', 'lc_d') order by relname offset 1 limit 2;
drop table lc_a, lc_b, lc_c, lc_d;
