-- What objects are called, and what indexes can do.
create table a (id int primary key, b text, c numeric, unique (b, c));
create index a_order on a (b desc, c nulls first) include (id);
create view v as select b from a;
create sequence s;
create type en as enum ('x');
create function f(n int) returns int language sql as 'select n';
create function g(p char(3), q bit(2), r "char", s en) returns char(5) language sql as 'select p';
select pg_describe_object('pg_class'::regclass, 'a'::regclass, 0), pg_describe_object('pg_class'::regclass, 'a'::regclass, 2),
       pg_describe_object('pg_class'::regclass, 'v'::regclass, 0), pg_describe_object('pg_class'::regclass, 's'::regclass, 0),
       pg_describe_object('pg_class'::regclass, 'a_pkey'::regclass, 0), pg_describe_object('pg_class'::regclass, 'a_order'::regclass, 0);
select pg_describe_object('pg_type'::regclass, 'en'::regtype, 0), pg_describe_object('pg_proc'::regclass, 'f'::regproc, 0),
       pg_describe_object('pg_namespace'::regclass, 'pg_catalog'::regnamespace, 0), pg_describe_object('pg_type'::regclass, 'int4'::regtype, 0),
       pg_describe_object(0, 0, 0), pg_describe_object(null, 0, 0);
select pg_index_column_has_property('a_order', n, p) from generate_series(0, 4) n,
       unnest(array['asc', 'desc', 'nulls_first', 'nulls_last', 'orderable', 'distance_orderable', 'returnable', 'search_array', 'search_nulls', 'nope']) p;
select pg_index_column_has_property('a_pkey', 1, 'ASC'), pg_index_column_has_property('a_pkey', 1, 'desc'), pg_index_column_has_property('a_pkey', 2, 'asc');
select pg_index_has_property('a_pkey', p), pg_index_has_property('a_order', p), pg_indexam_has_property(403, p)
  from unnest(array['clusterable', 'index_scan', 'bitmap_scan', 'backward_scan', 'can_order', 'can_unique', 'can_multi_col', 'can_exclude', 'can_include', 'asc', 'nope']) p;
select pg_index_has_property('a', 'clusterable'), pg_indexam_has_property(0, 'can_order'), pg_index_column_has_property('a', 1, 'asc');
select pg_encoding_max_length(6), pg_encoding_max_length(0), pg_encoding_max_length(37), pg_encoding_max_length(99), pg_encoding_max_length(-1);
select pg_get_function_arguments('g'::regproc), pg_get_function_result('g'::regproc);
select pg_get_functiondef('g'::regproc);
