select row_number() over () from t
-> row_number bigint

select row_number() from t
!! 42809 @8 window function row_number requires an OVER clause

select rank() over (order by a), dense_rank() over (order by a desc) from t
-> rank bigint, dense_rank bigint

select lag(a), lead(a) over (order by a) from t
!! 42809 @8 window function lag requires an OVER clause

select lag(a) over (order by a), lag(a, 1) over (order by a), lag(a, 1, 0) over (order by a) from t
-> lag integer, lag integer, lag integer

select lag(a, 1, 1.5) over (order by a) from t
-> lag numeric

select lag(b, 1, 'x') over (order by a) from t
-> lag text

select first_value(b) over (partition by c order by d) from t
-> first_value text

select ntile(4) over (order by a), ntile('4') over (order by a), nth_value(b, 2) over (order by a) from t
-> ntile integer, ntile integer, nth_value text

select sum(a) over (partition by b), avg(c) over (), count(*) over (order by a) from t
-> sum bigint, avg numeric, count bigint

select sum(a) over w from t window w as (partition by b)
-> sum bigint

select sum(a) over v from t window w as (partition by b)
!! 42704 @20 window "v" does not exist

select sum(a) over (w order by a) from t window w as (partition by b)
-> sum bigint

select sum(a) over (w partition by a) from t window w as (partition by b)
!! 42P20 @20 cannot override PARTITION BY clause of window "w"

select sum(a) over (w order by a) from t window w as (order by b)
!! 42P20 @20 cannot override ORDER BY clause of window "w"

select sum(a) over (v) from t window w as (order by b)
!! 42704 @20 window "v" does not exist

select sum(a) over (w) from t window w as (order by b rows 1 preceding)
!! 42P20 @20 cannot copy window "w" because it has a frame clause HINT: Omit the parentheses in this OVER clause.

select sum(a) over w from t window w as (order by b rows 1 preceding)
-> sum bigint

select sum(a) over w from t window w as (order by b), w as (order by a)
!! 42P20 @60 window "w" is already defined

select sum(a) over w2 from t window w as (partition by b), w2 as (w order by a)
-> sum bigint

select sum(a) over (order by a rows between 1 preceding and 1 following) from t
-> sum bigint

select sum(a) over (order by a rows between unbounded preceding and current row exclude ties) from t
-> sum bigint

select sum(a) over (order by a rows between 'x' preceding and 1 following) from t
!! 22P02 @45 invalid input syntax for type bigint: "x"

select sum(a) over (order by a rows between a preceding and 1 following) from t
!! 42P10 @45 argument of ROWS must not contain variables

select sum(a) over (order by a rows between 1.5 preceding and 1 following) from t
-> sum bigint

select sum(a) over (order by a range between 1 preceding and 1 following) from t
-> sum bigint

select sum(a) over (order by a range between '1' preceding and 1 following) from t
-> sum bigint

select sum(a) over (order by c range between 1 preceding and 1.5 following) from t
-> sum bigint

select sum(a) over (order by d range between '1 day' preceding and current row) from t
-> sum bigint

select sum(a) over (order by d range between 1 preceding and current row) from t
!! 0A000 @46 RANGE with offset PRECEDING/FOLLOWING is not supported for column type date and offset type integer HINT: Cast the offset value to an appropriate type.

select sum(a) over (order by b range between 1 preceding and current row) from t
!! 0A000 @46 RANGE with offset PRECEDING/FOLLOWING is not supported for column type text

select sum(a) over (order by a, b range between 1 preceding and current row) from t
!! 42P20 @20 RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column

select sum(a) over (range between 1 preceding and current row) from t
!! 42P20 @20 RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column

select sum(a) over (groups between 1 preceding and current row) from t
!! 42P20 @20 GROUPS mode requires an ORDER BY clause

select sum(a) over (order by a groups between 1 preceding and current row) from t
-> sum bigint

select sum(distinct a) over () from t
!! 0A000 @8 DISTINCT is not implemented for window functions

select sum(a order by a) over () from t
!! 0A000 @8 aggregate ORDER BY is not implemented for window functions

select count() over () from t
!! 42809 @8 count(*) must be used to call a parameterless aggregate function

select row_number(1) over () from t
!! 42883 @8 function row_number(integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select row_number() filter (where true) over () from t
!! 0A000 @8 FILTER is not implemented for non-aggregate window functions

select sum(a) filter (where a > 1) over () from t
-> sum bigint

select sum(sum(a)) over () from t
-> sum numeric

select sum(sum(a) over ()) over () from t
!! 42P20 @12 window function calls cannot be nested

select sum(sum(a) over ()) from t
!! 42803 @12 aggregate function calls cannot contain window function calls

select sum(sum(a)) over (order by b) from t group by b
-> sum numeric

select sum(sum(a)) over (order by c) from t group by b
!! 42803 @35 column "t.c" must appear in the GROUP BY clause or be used in an aggregate function

select rank() over (order by sum(a)) from t group by b
-> rank bigint

select a from t where row_number() over () = 1
!! 42P20 @23 window functions are not allowed in WHERE

select a from t group by row_number() over ()
!! 42P20 @26 window functions are not allowed in GROUP BY

select a from t having row_number() over () = 1
!! 42P20 @24 window functions are not allowed in HAVING

select a from t order by row_number() over ()
-> a integer

select a from t limit row_number() over ()
!! 42P20 @23 window functions are not allowed in LIMIT

select a from t join u on row_number() over () = 1
!! 42P20 @27 window functions are not allowed in JOIN conditions

select * from lateral row_number() over () x
!! 42601 @42 syntax error at or near ")"

select sum(generate_series(1, 2)) over () from t
!! 0A000 @12 window function calls cannot contain set-returning function calls HINT: You might be able to move the set-returning function into a LATERAL FROM item.

select sum(a) over (order by generate_series(1, 2)) from t
-> sum bigint

select sum(a) over (partition by row_number() over ()) from t
!! 42P20 @34 window functions are not allowed in window definitions

select sum(a) over (order by 1) from t
-> sum bigint

select sum(a) over (order by 'x') from t
-> sum bigint

select sum(a) over (partition by doc order by at) from t, w
-> sum bigint

select sum(a) over (order by json) from t, (select '{}'::json as json) s
!! 42883 @30 could not identify an ordering operator for type json HINT: Use an explicit ordering operator or modify the query.

select percent_rank() over (order by a), cume_dist() over (order by a) from t
-> percent_rank double precision, cume_dist double precision

select distinct sum(a) over () from t
-> sum bigint

select array_agg(b) over (order by a) from t
-> array_agg text[]

select first_value(a) over (order by b nulls first), last_value(a) over (order by b using <) from t
-> first_value integer, last_value integer

select first_value(a) over (order by b using ~~) from t
!! 42809 @46 operator ~~ is not a valid ordering operator HINT: Ordering operators must be "<" or ">" members of btree operator families.

select sum(x) over (partition by missing) from u
!! 42703 @34 column "missing" does not exist

select (select sum(t.a) over () from u) from t
-> sum bigint

update u set x = row_number() over ()
!! 42P20 @18 window functions are not allowed in UPDATE

insert into u values (row_number() over ())
!! 42P20 @23 window functions are not allowed in VALUES

select 1 from t window w as (order by missing)
!! 42703 @39 column "missing" does not exist

select 1 from t window w as (order by a)
-> ?column? integer
