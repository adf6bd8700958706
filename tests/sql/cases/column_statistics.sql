-- What ANALYZE finds in columns.
create table t (id integer, few text, half bigint, none date, flag boolean, same text);
insert into t select i, 'v' || i % 7, nullif(i % 2, 0) * i, null, i % 3 = 0, 'x' from generate_series(1, 200) i;
select attname, null_frac, avg_width, n_distinct from pg_stats where tablename = 't';
analyze t;
select attname, inherited, null_frac, avg_width, n_distinct from pg_stats where tablename = 't' order by attname;
select reltuples from pg_class where relname = 't';
delete from t where id > 100;
vacuum t;
select attname, n_distinct from pg_stats where tablename = 't' and attname = 'id';
vacuum (analyze) t;
select attname, null_frac, avg_width, n_distinct from pg_stats where tablename = 't' order by attname;
alter table t drop column few;
select attname from pg_stats where tablename = 't' order by attname;
create table p (k integer, v text) partition by range (k);
create table p1 partition of p for values from (0) to (50);
create table p2 partition of p for values from (50) to (100);
insert into p select i % 100, 'w' || i % 10 from generate_series(1, 1000) i;
analyze p;
select tablename, attname, inherited, null_frac, avg_width, n_distinct from pg_stats where tablename in ('p', 'p1', 'p2') order by 1, 2;
-- Samples.
select count(*) from t tablesample system (100);
select count(*) from t tablesample bernoulli (100) repeatable (7);
select count(*) from t tablesample bernoulli (0);
select count(*) from t tablesample system (101);
select count(*) < 101 from t tablesample bernoulli (50.5);
