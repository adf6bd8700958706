selec 1
!! 42601 @1 syntax error at or near "selec"

select
->

select from t
->

select 1 from
!! 42601 @14 syntax error at end of input

select (1
!! 42601 @10 syntax error at end of input

select 1)
!! 42601 @9 syntax error at or near ")"

select 'abc
!! 42601 @8 unterminated quoted string at or near "'abc"

select "abc
!! 42601 @8 unterminated quoted identifier at or near ""abc"

select 1 +
!! 42601 @11 syntax error at end of input

select * from t where
!! 42601 @22 syntax error at end of input

select * from (select 1)
!! 42601 @15 subquery in FROM must have an alias HINT: For example, FROM (SELECT ...) [AS] foo.

select * from (values (1))
!! 42601 @15 VALUES in FROM must have an alias HINT: For example, FROM (VALUES ...) [AS] foo.

select a b c from t
!! 42601 @12 syntax error at or near "c"

insert into t
!! 42601 @14 syntax error at end of input

insert into t values
!! 42601 @21 syntax error at end of input

update t set
!! 42601 @13 syntax error at end of input

delete t
!! 42601 @8 syntax error at or near "t"

select 1;;
-> ?column? integer

select $1 $2
!! 42601 @11 syntax error at or near "$2"

select 1 = 2 = 3
!! 42601 @14 syntax error at or near "="

select case end
!! 42601 @13 syntax error at or near "end"

select array[1,
!! 42601 @16 syntax error at end of input

select 1 as select
-> select integer

select 1 as "select"
-> select integer

select default
!! 42601 @8 DEFAULT is not allowed in this context

select a from t where default = 1
!! 42601 @23 DEFAULT is not allowed in this context

select (t.*) from t
-> a integer, b text, c numeric(10,2), d date, e boolean

select count(t.*) from t
-> count bigint

select t.* is null from t
-> ?column? boolean

select (select * from t)
!! 42601 @8 subquery must return only one column

select row(1, 2) + 1
!! 42883 @18 operator does not exist: record + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select row(1, 2)
-> row record

select array[row(1, 'a')]
-> array record[]

select (1, 2).f1
!! 42601 @14 syntax error at or near "."

select 1::int4range
!! 42846 @9 cannot cast type integer to int4range

select '1259'::regclass
-> regclass regclass

select 'int4'::regtype
-> regtype regtype

select 1 order by 1 using <
-> ?column? integer

select current_time(7)
-> current_time time(6) with time zone

select current_time(-1)
!! 42601 @21 syntax error at or near "-"

select grouping(1)
!! 42803 @17 arguments to GROUPING must be grouping expressions of the associated query level

select 1 where current of c
!! 42601 @24 syntax error at or near "of"

select json_object('{}')
-> json_object json

select overlaps(1, 2, 3, 4)
!! 42883 @8 function overlaps(integer, integer, integer, integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select (now(), now()) overlaps (now(), now())
-> overlaps boolean

select (now(), interval '1 day') overlaps (now(), now())
-> overlaps boolean

select normalize('a')
-> normalize text

select 'a' is normalized
-> is_normalized boolean

select treat(1 as int)
-> int4 integer

select collation for ('a')
-> pg_collation_for text

select localtime
-> localtime time without time zone

select 1 != 1
-> ?column? boolean

select 1 <> all ('{1}')
-> ?column? boolean

select * from t where a = 1 group by a having b = 'x' order by 1 limit 1
-> a integer, b text, c numeric(10,2), d date, e boolean

select "T".a from t
!! 42P01 @8 missing FROM-clause entry for table "T"

select a from t t(a)
-> a integer

select a from t as t(x, y)
!! 42703 @8 column "a" does not exist

select b from t as t(x, y)
!! 42703 @8 column "b" does not exist

select x.y.z from t
!! 42P01 @8 missing FROM-clause entry for table "y"

select * from t where (select a) = 1
-> a integer, b text, c numeric(10,2), d date, e boolean

select * from t where a = 1 and
!! 42601 @32 syntax error at end of input

select 'x'::int + 'y'::int
!! 22P02 @8 invalid input syntax for type integer: "x"

select 'äö', 'x'::int
!! 22P02 @14 invalid input syntax for type integer: "x"

select 'äö' || missing
!! 42703 @16 column "missing" does not exist

select nosuch('ä', 1)
!! 42883 @8 function nosuch(unknown, integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select 'ä' + 1
!! 22P02 @8 invalid input syntax for type integer: "ä"
