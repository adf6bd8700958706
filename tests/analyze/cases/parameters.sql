select $1
-> ?column? text | $1 text

select $1, $1
-> ?column? text, ?column? text | $1 text

select $1::int
-> int4 integer | $1 integer

select $1, $1::int
!! 42P08 @8 inconsistent types deduced for parameter $1 DETAIL: integer versus text

select $1::int, $1
-> int4 integer, ?column? integer | $1 integer

select $1::int, $1::text
-> int4 integer, text text | $1 integer

select $1 + 1
-> ?column? integer | $1 integer

select 1 + $1
-> ?column? integer | $1 integer

select $1 + $2
!! 42725 @11 operator is not unique: unknown + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select $1 + 1.5
-> ?column? numeric | $1 numeric

select $1 || 'x'
-> ?column? text | $1 text

select 'x' || $1
-> ?column? text | $1 text

select $1 = 1
-> ?column? boolean | $1 integer

select $1 = 'x'
-> ?column? boolean | $1 text

select $1 = $2
-> ?column? boolean | $1 text, $2 text

select a from t where a = $1
-> a integer | $1 integer

select a from t where b = $1 and c > $2
-> a integer | $1 text, $2 numeric

select a from t where a = $1 and b = $1
!! 42883 @36 operator does not exist: text = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select a from t where $1
-> a integer | $1 boolean

select a from t where a in ($1, $2)
-> a integer | $1 integer, $2 integer

select a from t where a = any ($1)
-> a integer | $1 integer[]

select a from t where b = any ($1)
-> a integer | $1 text[]

select a from t where a between $1 and $2
-> a integer | $1 integer, $2 integer

select a from t where b like $1
-> a integer | $1 text

select a from t where d > $1
-> a integer | $1 date

select a from t where d > $1::timestamp
-> a integer | $1 timestamp without time zone

select a from t where d + $1 > now()
!! 42725 @25 operator is not unique: date + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select coalesce($1, 1)
-> coalesce integer | $1 integer

select coalesce($1, $2)
-> coalesce text | $1 text, $2 text

select coalesce($1, 'x')
-> coalesce text | $1 text

select case when $1 then 1 else $2 end
-> case integer | $1 boolean, $2 integer

select case $1 when 1 then 2 end
!! 42883 @16 operator does not exist: text = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select greatest($1, 1.5)
-> greatest numeric | $1 numeric

select nullif($1, 1)
-> nullif integer | $1 integer

select array[$1, 2]
-> array integer[] | $1 integer

select array[$1, $2]
-> array text[] | $1 text, $2 text

select row($1, 2)
!! 42P18 @0 could not determine data type of parameter $1

select ($1, 2) = (1, $2)
-> ?column? boolean | $1 integer, $2 integer

select lower($1)
-> lower text | $1 text

select length($1)
-> length integer | $1 text

select abs($1)
-> abs double precision | $1 double precision

select concat($1, $2)
!! 42P18 @0 could not determine data type of parameter $1

select sum($1) from t
!! 42725 @8 function sum(unknown) is not unique HINT: Could not choose a best candidate function. You might need to add explicit type casts.

select count($1) from t
!! 42P18 @0 could not determine data type of parameter $1

select max($1) from t
-> max text | $1 text

select to_char($1, 'x')
!! 42725 @8 function to_char(unknown, unknown) is not unique HINT: Could not choose a best candidate function. You might need to add explicit type casts.

select date_trunc('day', $1)
!! 42725 @8 function date_trunc(unknown, unknown) is not unique HINT: Could not choose a best candidate function. You might need to add explicit type casts.

select substring($1 from $2)
-> substring text | $1 text, $2 text

select $1 is null
!! 42P18 @0 could not determine data type of parameter $1

select $1 is true
-> ?column? boolean | $1 boolean

select not $1
-> ?column? boolean | $1 boolean

select $1 and true
-> ?column? boolean | $1 boolean

select $2
!! 42P18 @0 could not determine data type of parameter $1

select $1, $3
!! 42P18 @0 could not determine data type of parameter $2

select $0
!! 42P02 @8 there is no parameter $0

select $1 limit $1
!! 42P08 @8 inconsistent types deduced for parameter $1 DETAIL: bigint versus text

select a from t limit $1
-> a integer | $1 bigint

select a from t order by $1
-> a integer | $1 text

select a from t order by $1, a
-> a integer | $1 text

select a from t group by a, $1
-> a integer | $1 text

select distinct $1
-> ?column? text | $1 text

select $1 union select $2
-> ?column? text | $1 text, $2 text

select $1 union select 1
-> ?column? integer | $1 integer

select * from (select $1) s
-> ?column? text | $1 text

select * from (select $1 as x) s where x = 1
!! 42883 @42 operator does not exist: text = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select * from generate_series($1, 3)
-> generate_series integer | $1 integer

select * from generate_series(1, $1) g where g = $2
-> g integer | $1 integer, $2 integer

select * from unnest($1::int[])
-> unnest integer | $1 integer[]

select (select $1)
-> ?column? text | $1 text

select a from t where a = (select $1)
!! 42883 @25 operator does not exist: integer = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select a from t where a in (select $1)
!! 42883 @25 operator does not exist: integer = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select exists (select $1)
-> exists boolean | $1 text

values ($1)
-> column1 text | $1 text

values ($1), (1)
-> column1 integer | $1 integer

values ($1, $2), (1, 'x')
-> column1 integer, column2 text | $1 integer, $2 text

insert into t values ($1, $2, $3, $4, $5)
-> | $1 integer, $2 text, $3 numeric, $4 date, $5 boolean

insert into t (a) select $1
-> | $1 integer

insert into t (a, b) select $1, $2 from u
-> | $1 integer, $2 text

insert into t (a) values ($1) returning a + $2
-> ?column? integer | $1 integer, $2 integer

update t set a = $1, b = $2 where c = $3
-> | $1 integer, $2 text, $3 numeric

update t set (a, b) = ($1, $2)
-> | $1 integer, $2 text

update t set (a, b) = (select $1, $2)
!! 42804 @31 column "a" is of type integer but expression is of type text HINT: You will need to rewrite or cast the expression.

update w set tags[$1] = $2
-> | $1 integer, $2 text

delete from t where a = $1 and d = $2
-> | $1 integer, $2 date

select $1::numeric(10,2)
-> numeric numeric(10,2) | $1 numeric

select $1::varchar(5)
-> varchar character varying(5) | $1 character varying

select cast($1 as date)
-> date date | $1 date

select date $1
!! 42601 @13 syntax error at or near "$1"

select $1[1]
!! 42804 @8 cannot subscript type unknown because it does not support subscripting

select ($1)[1]
!! 42804 @9 cannot subscript type unknown because it does not support subscripting

select ($1).x
!! 42809 @9 column notation .x applied to type unknown, which is not a composite type

select $1.x
!! 42809 @8 column notation .x applied to type unknown, which is not a composite type

select -$1
!! 42725 @8 operator is not unique: - unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select @ $1
-> ?column? double precision | $1 double precision

select $1 * interval '1 day'
-> ?column? interval | $1 double precision

select now() - $1
-> ?column? interval | $1 timestamp with time zone

select now() - $1::interval
-> ?column? timestamp with time zone | $1 interval

select d - $1 from t
-> ?column? integer | $1 date

select ts - $1 from m
-> ?column? interval | $1 timestamp without time zone

select tags || $1 from w
-> ?column? text[] | $1 text[]

select doc -> $1 from w
-> ?column? jsonb | $1 text

select doc ->> $1 from w
-> ?column? text | $1 text

select doc @> $1 from w
-> ?column? boolean | $1 jsonb

select extract(year from $1)
!! 42725 @8 function pg_catalog.extract(unknown, unknown) is not unique HINT: Could not choose a best candidate function. You might need to add explicit type casts.

select $1 at time zone 'utc'
-> timezone timestamp without time zone | $1 timestamp with time zone

select $1 collate "C"
-> ?column? text | $1 text

select $1 ~ 'x'
-> ?column? boolean | $1 text

select 'x' ~ $1
-> ?column? boolean | $1 text

select string_agg($1, ',')
-> string_agg text | $1 text

select array_agg($1)
!! 42725 @8 function array_agg(unknown) is not unique HINT: Could not choose a best candidate function. You might need to add explicit type casts.

select array_append($1, 1)
-> array_append integer[] | $1 integer[]

select array_append(array[1], $1)
-> array_append integer[] | $1 integer

select json_build_object('a', $1)
!! 42P18 @0 could not determine data type of parameter $1

select json_build_object('a', $1::int)
-> json_build_object json | $1 integer

select to_jsonb($1)
!! 42804 @0 could not determine polymorphic type because input has type unknown

select pg_typeof($1)
!! 42P18 @0 could not determine data type of parameter $1

select row_number() over (order by $1) from t
-> row_number bigint | $1 text

select sum(a) over (order by a rows $1 preceding) from t
-> sum bigint | $1 bigint

select lag(a, $1) over (order by a) from t
-> lag integer | $1 integer

with q as (select $1 as a) select * from q
-> a text | $1 text

with q as (select $1 as a) select a + 1 from q
!! 42883 @37 operator does not exist: text + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

with recursive q (n) as (select $1 union all select n + 1 from q) select n from q
!! 42883 @55 operator does not exist: text + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select * from t join u on t.a = $1
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision | $1 integer

select 1 in ($1)
-> ?column? boolean | $1 integer

select 1 in ($1, 2.5)
-> ?column? boolean | $1 numeric

select $1 in (1, 2)
-> ?column? boolean | $1 integer

select $1 between 1 and 2
-> ?column? boolean | $1 integer

select $1 is distinct from 1
-> ?column? boolean | $1 integer

select $1 = all ($2)
-> ?column? boolean | $1 text, $2 text[]

select a from t where (a, b) = ($1, $2)
-> a integer | $1 integer, $2 text

select a from t where (a, b) in (($1, $2), (1, 'x'))
-> a integer | $1 integer, $2 text
