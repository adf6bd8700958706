-- subscripts of jsonb
create table doc (id integer, body jsonb);
insert into doc values (1, '{"a": {"b": [10, {"c": null}]}, "1": "one"}'), (2, '[1, [2, 3], "x"]'), (3, '5'), (4, null);
select id, body['a'], body['a']['b'], body['a']['b'][0], body['a']['b'][1]['c'] from doc order by id;
select id, body[1], body[-1], body[1][0], body['1'], body[null] from doc order by id;
select (jsonb '{"x": 1}')['x'], (jsonb '"text"')[0], (body -> 'a')['b'] from doc where id = 1;
select pg_typeof(body['a']), body['a']['b'][0]::integer + 1 from doc where id = 1;
select id from doc where body['a']['b'][0] = '10';
select body[1:2] from doc;
select body[1.5] from doc;
select body[true] from doc;
select (json '{"a": 1}')['a'];
-- VARIADIC and DISTINCT of calls
select format('%s-%s', variadic array['a', 'b']), format('%2$s %1$s', variadic array[1, 2]);
select format('none', variadic null::text[]), format('%s', variadic array[null]::text[]);
select format('%s', variadic array[]::text[]);
select string_agg(distinct v, ',' order by v) from (values ('b'::varchar(4)), ('a'), ('b')) t(v);
select string_agg(distinct v, ',' order by v desc) from (values ('b'::varchar(4)), ('a'), ('b')) t(v);
select string_agg(distinct v, ',' order by v::text) from (values ('b'::varchar(4)), ('a')) t(v);
select string_agg(distinct v::text, ',' order by v) from (values ('b'::varchar(4)), ('a')) t(v);
-- keys are not inherited as constraints
create table keyed (id integer primary key) partition by range (id);
create table keyed_low partition of keyed for values from (0) to (10);
select conname, connoinherit, conislocal, coninhcount from pg_constraint where conname like 'keyed%' order by conname;
