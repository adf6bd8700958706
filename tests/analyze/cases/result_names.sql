select 1
-> ?column? integer

select 'a'
-> ?column? text

select null
-> ?column? text

select a from t
-> a integer

select t.a from t
-> a integer

select a + 1 from t
-> ?column? integer

select -a from t
-> ?column? integer

select lower(b) from t
-> lower text

select pg_catalog.lower(b) from t
-> lower text

select a::text from t
-> a text

select 1::int
-> int4 integer

select '1'::int4
-> int4 integer

select cast('1' as integer)
-> int4 integer

select cast(1 as numeric(10,2))
-> numeric numeric(10,2)

select int '1'
-> int4 integer

select 'x'::varchar(3)
-> varchar character varying(3)

select 'x'::char(3)
-> bpchar character(3)

select 'x'::"char"
-> char "char"

select date '2020-01-01'
-> date date

select timestamp '2020-01-01 00:00'
-> timestamp timestamp without time zone

select timestamp with time zone '2020-01-01'
-> timestamptz timestamp with time zone

select interval '1' day
-> interval interval day

select (a + 1)::text from t
-> text text

select (1 + 1)::bigint
-> int8 bigint

select case when true then 1 end
-> case integer

select case when true then 1 else a end from t
-> a integer

select case when true then a else 1 end from t
-> case integer

select case a when 1 then b else c::text end from t
-> c text

select coalesce(a, 1) from t
-> coalesce integer

select nullif(a, 1) from t
-> nullif integer

select greatest(1, 2), least(1, 2)
-> greatest integer, least integer

select array[1, 2]
-> array integer[]

select array(select 1)
-> array integer[]

select row(1, 2)
-> row record

select (1, 2)
-> row record

select exists (select 1)
-> exists boolean

select (select 1)
-> ?column? integer

select (select a from t)
-> a integer

select (select a as z from t limit 1)
-> z integer

select (select a + 1 from t)
-> ?column? integer

select (select max(a) from t)
-> max integer

select a in (1, 2) from t
-> ?column? boolean

select a = any (array[1]) from t
-> ?column? boolean

select a in (select 1) from t
-> ?column? boolean

select current_date, current_time, current_timestamp, localtime, localtimestamp
-> current_date date, current_time time with time zone, current_timestamp timestamp with time zone, localtime time without time zone, localtimestamp timestamp without time zone

select current_time(2), current_timestamp(0), localtime(3), localtimestamp(6)
-> current_time time(2) with time zone, current_timestamp timestamp(0) with time zone, localtime time(3) without time zone, localtimestamp timestamp(6) without time zone

select current_user, session_user, user, current_role, current_catalog, current_schema
-> current_user name, session_user name, user name, current_role name, current_catalog name, current_schema name

select count(*) from t
-> count bigint

select sum(a), avg(c), max(d) from t
-> sum bigint, avg numeric, max date

select row_number() over () from t
-> row_number bigint

select sum(a) over (order by a) from t
-> sum bigint

select tags[1] from w
-> tags text

select tags[1:2] from w
-> tags text[]

select (tags)[1] from w
-> tags text

select (array[1, 2])[1]
-> array integer

select (row(1, 2)).f1
-> f1 integer

select b collate "C" from t
-> b text

select 'a' collate "C"
-> ?column? text

select extract(year from d) from t
-> extract numeric

select d at time zone 'utc' from t
-> timezone timestamp without time zone

select substring(b from 1 for 2) from t
-> substring text

select position('a' in b) from t
-> position integer

select trim(b), trim(leading from b), trim(trailing 'x' from b) from t
-> btrim text, ltrim text, rtrim text

select overlay(b placing 'x' from 1) from t
-> overlay text

select b like 'a%' from t
-> ?column? boolean

select b is null from t
-> ?column? boolean

select e is true from t
-> ?column? boolean

select not e from t
-> ?column? boolean

select e and e, e or e from t
-> ?column? boolean, ?column? boolean

select a between 1 and 2 from t
-> ?column? boolean

select b || 'x' from t
-> ?column? text

select true, false
-> ?column? boolean, ?column? boolean

select true::text
-> text text

select 1.5, 1e10, 12345678901
-> ?column? numeric, ?column? numeric, ?column? bigint

select x'1f', b'101'
-> ?column? "bit", ?column? "bit"

select (select 1)::text
-> ?column? text

select (select 1 as q)::text
-> q text

select coalesce((select 1), 2) as z
-> z integer

select a "ü" from t
-> ü integer

select generate_series(1, 3)
-> generate_series integer

select a as "A" from t
-> A integer

select is_null from (select 1 as is_null) s
-> is_null integer

select grouping(a) from t group by a
-> grouping integer

select nullif(1, 2)::text
-> nullif text

select array[1]::bigint[]
-> array bigint[]

select '{1}'::int[]
-> int4 integer[]

select b::text::varchar from t
-> b character varying

select a::int::int8 from t
-> a bigint

select now()
-> now timestamp with time zone

select pg_typeof(1)
-> pg_typeof regtype

select 1 = 1
-> ?column? boolean

select all_columns from (select 2 as all_columns) q
-> all_columns integer

select case 1 when 2 then 'x' end::text
-> text text

select (case when true then 1 end)
-> case integer

select distinct a from t
-> a integer

select all a from t
-> a integer
