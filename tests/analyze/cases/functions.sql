select abs(-1)
-> abs integer

select abs('1')
-> abs double precision

select abs('x'::text)
!! 42883 @8 function abs(text) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select abs()
!! 42883 @8 function abs() does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select abs(1, 2)
!! 42883 @8 function abs(integer, integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select nosuch(1)
!! 42883 @8 function nosuch(integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select public.abs(1)
!! 42883 @8 function public.abs(integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select nowhere.abs(1)
!! 3F000 @8 schema "nowhere" does not exist

select pg_catalog.abs(1)
-> abs integer

select lower('a')
-> lower text

select lower(1)
!! 42883 @8 function lower(integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select lower(b) from t
-> lower text

select upper(null)
-> upper text

select length('a')
-> length integer

select length(bt) from m
-> length integer

select length('abc'::char(5))
-> length integer

select substring('abc', 1, 2)
-> substring text

select substring('abc' from 1 for 2)
-> substring text

select substring('abc' from 'b')
-> substring text

select substring('abc' similar 'a#"b#"c' escape '#')
-> substring text

select overlay('abc' placing 'x' from 1 for 1)
-> overlay text

select position('a' in 'b')
-> position integer

select trim(both 'x' from 'xax')
-> btrim text

select extract(year from now())
-> extract numeric

select extract('year' from date '2020-01-01')
-> extract numeric

select extract(epoch from interval '1 day')
-> extract numeric

select extract(year from 'x')
!! 42725 @8 function pg_catalog.extract(unknown, unknown) is not unique HINT: Could not choose a best candidate function. You might need to add explicit type casts.

select date_part('year', now())
-> date_part double precision

select date_trunc('day', now())
-> date_trunc timestamp with time zone

select date_trunc('day', d) from t
-> date_trunc timestamp with time zone

select round(1.5)
-> round numeric

select round(1.5, 1)
-> round numeric

select round(1.5::float8)
-> round double precision

select round(1.5::float8, 1)
!! 42883 @8 function round(double precision, integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select floor(1)
-> floor double precision

select power(2, 3)
-> power double precision

select power(2, 3.5)
-> power numeric

select mod(5, 2)
-> mod integer

select mod(5, 2.5)
-> mod numeric

select sqrt(4)
-> sqrt double precision

select random()
-> random double precision

select pi()
-> pi double precision

select now()
-> now timestamp with time zone

select timeofday()
-> timeofday text

select clock_timestamp()
-> clock_timestamp timestamp with time zone

select to_char(now(), 'YYYY')
-> to_char text

select to_char(1, '9')
-> to_char text

select to_char(1.5, '9')
-> to_char text

select to_date('a', 'b')
-> to_date date

select to_timestamp(1)
-> to_timestamp timestamp with time zone

select to_number('1', '9')
-> to_number numeric

select coalesce(1, 2.5)
-> coalesce numeric

select coalesce('a', 1)
!! 22P02 @17 invalid input syntax for type integer: "a"

select coalesce('a', 'b')
-> coalesce text

select coalesce(null, null)
-> coalesce text

select coalesce(1, true)
!! 42804 @20 COALESCE types integer and boolean cannot be matched

select coalesce(null, 1)
-> coalesce integer

select greatest(1, 2.5)
-> greatest numeric

select greatest('a', 'b')
-> greatest text

select greatest(1, 'a')
!! 22P02 @20 invalid input syntax for type integer: "a"

select greatest(1, true)
!! 42804 @20 GREATEST types integer and boolean cannot be matched

select least(date '2020-01-01', timestamp '2020-01-01')
-> least timestamp without time zone

select greatest('{}'::json, '{}')
-> greatest json

select case when true then 1 else 2.5 end
-> case numeric

select case when true then 'a' else 1 end
!! 22P02 @28 invalid input syntax for type integer: "a"

select case when 1 then 2 end
!! 42804 @18 argument of CASE/WHEN must be type boolean, not type integer

select case when true then 1 else true end
!! 42804 @28 CASE types boolean and integer cannot be matched

select case 1 when 'a' then 2 end
!! 22P02 @20 invalid input syntax for type integer: "a"

select case 1 when 2 then 3 else 'x' end
!! 22P02 @34 invalid input syntax for type integer: "x"

select case 'a' when 'b' then 1 end
-> case integer

select case a when 1 then b end from t
-> case text

select case when true then null end
-> case text

select case when true then null else null end
-> case text

select case when true then s else s end from m
-> s character varying(5)

select case when true then s else 'x' end from m
-> case character varying

select case when e then c end from t
-> case numeric

select concat('a', 1, true)
-> concat text

select concat(variadic array['a'])
-> concat text

select concat_ws(',', 'a', 1)
-> concat_ws text

select format('%s', 1)
-> format text

select format('%s', variadic array[1])
-> format text

select lower(variadic array['a'])
!! 42883 @8 function lower(text[]) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select array[1, 2]
-> array integer[]

select array[1, 2.5]
-> array numeric[]

select array[1, 'a']
!! 22P02 @17 invalid input syntax for type integer: "a"

select array['a', 'b']
-> array text[]

select array[]
!! 42P18 @8 cannot determine type of empty array HINT: Explicitly cast to the desired type, for example ARRAY[]::integer[].

select array[]::int[]
-> array integer[]

select array[null]
-> array text[]

select array[[1, 2], [3, 4]]
-> array integer[]

select array[array[1], array[2]]
-> array integer[]

select array[1, array[2]]
!! 42804 @17 ARRAY types integer and integer[] cannot be matched

select array['{1}', array[2]]
-> array integer[]

select array[1, true]
!! 42804 @17 ARRAY types integer and boolean cannot be matched

select array[row(1), row(2)]
-> array record[]

select array[1]::text[]
-> array text[]

select array['1']::int[]
-> array integer[]

select array['x']::int[]
!! 22P02 @14 invalid input syntax for type integer: "x"

select array[[1], ['2']]::numeric[]
-> array numeric[]

select array(select a from t)
-> array integer[]

select array(select a, b from t)
!! 42601 @8 subquery must return only one column

select array(select tags from w)
-> array text[]

select array_length(array[1], 1)
-> array_length integer

select array_append(array[1], 2)
-> array_append integer[]

select array_append(array[1], 'a')
!! 22P02 @31 invalid input syntax for type integer: "a"

select array_append(array[1], 2.5)
-> array_append numeric[]

select array_append(null, 1)
-> array_append integer[]

select array_cat(array[1], array[2.5])
-> array_cat numeric[]

select array_position(array['a'], 'a')
-> array_position integer

select array_to_string(array[1], ',')
-> array_to_string text

select string_to_array('a', ',')
-> string_to_array text[]

select unnest(array[1, 2])
-> unnest integer

select unnest(tags) from w
-> unnest text

select generate_series(1, 3)
-> generate_series integer

select generate_series(1, 3.5)
-> generate_series numeric

select generate_series(now(), now(), interval '1 day')
-> generate_series timestamp with time zone

select generate_series(date '2020-01-01', '2020-01-02', '1 day')
-> generate_series timestamp with time zone

select generate_subscripts(array[1], 1)
-> generate_subscripts integer

select lower(unnest(tags)) from w
-> lower text

select regexp_replace('a', 'b', 'c')
-> regexp_replace text

select regexp_replace('a', 'b', 'c', 'g')
-> regexp_replace text

select regexp_match('a', 'b')
-> regexp_match text[]

select regexp_matches('a', 'b')
-> regexp_matches text[]

select split_part('a', 'b', 1)
-> split_part text

select replace('a', 'b', 'c')
-> replace text

select repeat('a', 2)
-> repeat text

select lpad('a', 3)
-> lpad text

select lpad('a', 3, 'x')
-> lpad text

select left('a', 1)
-> left text

select strpos('a', 'b')
-> strpos integer

select chr(65)
-> chr text

select ascii('a')
-> ascii integer

select md5('a')
-> md5 text

select md5('\x00'::bytea)
-> md5 text

select encode('\x00', 'hex')
-> encode text

select decode('00', 'hex')
-> decode bytea

select quote_ident('a')
-> quote_ident text

select quote_literal(1)
-> quote_literal text

select quote_nullable(null)
-> quote_nullable text

select int4(1.5)
-> int4 integer

select int4('1')
-> int4 integer

select text(1)
-> text text

select date(now())
-> date date

select numeric(1)
!! 42601 @18 syntax error at end of input

select float8(1)
-> float8 double precision

select bool(1)
-> bool boolean

select varchar(1)
!! 42601 @18 syntax error at end of input

select int4(true)
-> int4 integer

select timestamptz('2020-01-01')
-> timestamptz timestamp with time zone

select date('2020-01-01')
-> date date

select interval('1 day')
!! 42601 @17 syntax error at or near "'1 day'"

select json_build_object('a', 1)
-> json_build_object json

select to_json(1)
-> to_json json

select to_jsonb('a'::text)
-> to_jsonb jsonb

select to_jsonb('a')
!! 42804 @0 could not determine polymorphic type because input has type unknown

select row_to_json(t) from t
-> row_to_json json

select jsonb_array_elements('[]')
-> jsonb_array_elements jsonb

select jsonb_typeof('1')
-> jsonb_typeof text

select json_agg(a) from t
-> json_agg json

select jsonb_agg(t) from t
-> jsonb_agg jsonb

select pg_typeof('a')
-> pg_typeof regtype

select pg_typeof(null)
-> pg_typeof regtype

select current_setting('x')
-> current_setting text

select make_date(2020, 1, 1)
-> make_date date

select make_date(year => 2020, month => 1, day => 1)
-> make_date date

select make_date(2020, day => 1, month => 1)
-> make_date date

select make_date(year => 2020, 1, 1)
!! 42601 @32 positional argument cannot follow named argument

select make_date(year => 2020, year => 1, day => 1)
!! 42601 @32 argument name "year" used more than once

select make_date(yeer => 2020, month => 1, day => 1)
!! 42883 @8 function make_date(yeer => integer, month => integer, day => integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select make_interval(days => 3)
-> make_interval interval

select make_interval()
-> make_interval interval

select make_interval(hours => 1, secs => 2.5)
-> make_interval interval

select age(now())
-> age interval

select age(now(), now())
-> age interval

select justify_days(i) from m
-> justify_days interval

select now() at time zone 'utc'
-> timezone timestamp without time zone

select ts at time zone 'utc' from m
-> timezone timestamp with time zone

select d at time zone 'utc' from t
-> timezone timestamp without time zone

select tm at time zone 'utc' from m
-> timezone time with time zone

select 1 at time zone 'utc'
!! 42883 @10 function pg_catalog.timezone(unknown, integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select num_nonnulls(1, null)
-> num_nonnulls integer

select width_bucket(1, 2, 3, 4)
-> width_bucket integer

select width_bucket(5, array[1, 2])
-> width_bucket integer

select gen_random_uuid()
-> gen_random_uuid uuid

select col_description(1, 1)
-> col_description text

select version()
-> version text

select current_database()
-> current_database name

select pg_backend_pid()
-> pg_backend_pid integer

select greatest(variadic array[1])
!! 42601 @17 syntax error at or near "variadic"

select nullif(1)
!! 42601 @16 syntax error at or near ")"

select f(x) from u
!! 42883 @8 function f(bigint) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select x(u) from u
-> x bigint

select lower(distinct 'a')
!! 42809 @8 DISTINCT specified, but lower is not an aggregate function

select lower(*)
!! 42883 @8 function lower() does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select lower('a') filter (where true)
!! 42809 @8 FILTER specified, but lower is not an aggregate function

select lower('a') over ()
!! 42809 @8 OVER specified, but lower is not a window function nor an aggregate function

select lower('a' order by 1)
!! 42809 @8 ORDER BY specified, but lower is not an aggregate function

select lower('a') within group (order by 1)
!! 42883 @8 function lower(unknown, integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select abs(1) over ()
!! 42809 @8 OVER specified, but abs is not a window function nor an aggregate function

select (1 + 1)::text::int
-> int4 integer

select cast(1 as text)
-> text text

select cast('a' as int)
!! 22P02 @13 invalid input syntax for type integer: "a"

select cast(true as int)
-> int4 integer

select cast(1 as bool)
-> bool boolean

select cast(1.5 as int)
-> int4 integer

select cast(true as date)
!! 42846 @8 cannot cast type boolean to date

select cast(date '2020-01-01' as int)
!! 42846 @8 cannot cast type date to integer

select cast(row(1) as int)
!! 42846 @8 cannot cast type record to integer

select cast(array[1] as text[])
-> array text[]

select cast(array['a'] as int)
!! 42846 @8 cannot cast type text[] to integer

select cast('2020-01-01' as date)
-> date date

select a::date from t
!! 42846 @9 cannot cast type integer to date

select e::int, e::text, a::bool from t
-> e integer, e text, a boolean

select d::timestamp, d::text from t
-> d timestamp without time zone, d text

select d::int from t
!! 42846 @9 cannot cast type date to integer

select tags::text, tags::int[] from w
-> tags text, tags integer[]

select doc::int, doc::text from w
-> doc integer, doc text

select bt::text from m
-> bt text

select 'a'::text::int
-> int4 integer

select 1::text::date
-> date date

select i::time from m
-> i time without time zone

select b::varchar(3), b::char(3), s::text from t, m
-> b character varying(3), b character(3), s text

select c::numeric(5,1), c::numeric, c::int from t
-> c numeric(5,1), c numeric, c integer

select 1::numeric(10,2) + 1
-> ?column? numeric

select b collate "C" from t
-> b text

select b collate "nosuch" from t
!! 42704 @10 collation "nosuch" for encoding "UTF8" does not exist

select a collate "C" from t
!! 42804 @10 collations are not supported by type integer

select 1 collate "C"
!! 42804 @10 collations are not supported by type integer

select 'a' collate "POSIX" < 'b'
-> ?column? boolean

select tags[1], tags['1'], tags['x'] from w
!! 22P02 @33 invalid input syntax for type integer: "x"

select tags[1.5] from w
-> tags text

select tags[1:2], tags[:2], tags[1:] from w
-> tags text[], tags text[], tags text[]

select tags[true] from w
!! 42804 @13 array subscript must have type integer

select a[1] from t
!! 42804 @8 cannot subscript type integer because it does not support subscripting

select b[1] from t
!! 42804 @8 cannot subscript type text because it does not support subscripting

select doc['a'], doc[1], doc['a'][1] from w
-> doc jsonb, doc jsonb, doc jsonb

select doc[1:2] from w
!! 42804 @14 jsonb subscript does not support slices

select doc[1.5] from w
!! 42804 @12 subscript type numeric is not supported HINT: jsonb subscript must be coercible to either integer or text.

select doc[true] from w
!! 42804 @12 subscript type boolean is not supported HINT: jsonb subscript must be coercible to either integer or text.

select (tags)[1][2][3] from w
-> tags text

select (array[1, 2])['x']
!! 22P02 @22 invalid input syntax for type integer: "x"

select (array[[1]])[1][1]
-> array integer

select array[1][1]
!! 42601 @16 syntax error at or near "["

select (select array[1])[1]
-> array integer

select (current_date).x
!! 42809 @9 column notation .x applied to type date, which is not a composite type

select (now()).year
!! 42809 @9 column notation .year applied to type timestamp with time zone, which is not a composite type
