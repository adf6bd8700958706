-- How many bytes PostgreSQL would hold a value in.
select v, pg_column_size(v::numeric) from unnest(array['0', '1', '1.5', '-1.50', '10000', '9999.9999', '12345678.9', '1e70', '1e300',
  '0.00000000001', 'NaN', 'Infinity', '1.0000000000000000000000000000000000000000000000000000000000000000000001', '1e-70']) v;
select pg_column_size('{1,2,3}'::int[]), pg_column_size('{1,NULL}'::int[]), pg_column_size('{}'::int[]), pg_column_size('{a,bb}'::text[]),
  pg_column_size('{1,2}'::int8[]), pg_column_size('{NULL,1}'::int8[]), pg_column_size('{t,f}'::bool[]), pg_column_size('{{1,2},{3,4}}'::int[]),
  pg_column_size('{1.5,2}'::numeric[]), pg_column_size('{abc,NULL,d}'::text[]), pg_column_size('{1 day}'::interval[]);
select pg_column_size('[1,2)'::int4range), pg_column_size('[1,)'::int4range), pg_column_size('empty'::int4range), pg_column_size('[1,2)'::int8range),
  pg_column_size('[1.5,2)'::numrange), pg_column_size('[2020-01-01,)'::tsrange), pg_column_size('{[1,2)}'::int4multirange),
  pg_column_size('{}'::int4multirange), pg_column_size('{[1,2),[3,4)}'::int4multirange);
select pg_column_size(b'1'), pg_column_size(b'101010101'), pg_column_size('10.0.0.1'::inet), pg_column_size('::1'::inet),
  pg_column_size('a'::char(5)), pg_column_size('08:00:2b:01:02:03'::macaddr), pg_column_size(row(1, 2)), pg_column_size(row(1, 'a'::text, null)),
  pg_column_size('x'::"char"), pg_column_size(1::money), pg_column_size('a'::name), pg_column_size(true), pg_column_size(now()),
  pg_column_size(1::smallint), pg_column_size('1 day'::interval), pg_column_size(null::int), pg_column_size('abc'::text), pg_column_size('\x0102'::bytea);
select pg_column_size('{"a":1}'::jsonb), pg_column_size('[]'::jsonb), pg_column_size('1'::jsonb), pg_column_size('"abc"'::jsonb), pg_column_size('null'::jsonb),
  pg_column_size('{"a":[1,"b",null],"c":{"d":true}}'::jsonb), pg_column_size('{"a":1}'::json);
create table sized (a text, b numeric, c int[], d char(5), e bytea, f inet, g varchar, h text, i int);
insert into sized values ('abc', '1.5', '{1,2}', 'a', '\x01', '10.0.0.1', '', repeat('x', 126), 1),
  (repeat('x', 127), '1.5', '{}', 'a', '', '::1', 'abc', repeat('x', 128), null);
select pg_column_size(a), pg_column_size(b), pg_column_size(c), pg_column_size(d), pg_column_size(e), pg_column_size(f), pg_column_size(g),
  pg_column_size(h), pg_column_size(a || ''), pg_column_size(i), pg_column_compression(a) from sized;
select sum(pg_column_size(a)), avg(pg_column_size(h)) from sized;
