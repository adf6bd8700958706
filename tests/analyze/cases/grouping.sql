select count(*) from t
-> count bigint

select count() from t
!! 42809 @8 count(*) must be used to call a parameterless aggregate function

select count(a), count(distinct a), count(b) from t
-> count bigint, count bigint, count bigint

select count(*) filter (where a > 1) from t
-> count bigint

select count(*) filter (where 1) from t
!! 42804 @31 argument of FILTER must be type boolean, not type integer

select sum(a), sum(c), sum(x), sum(z), sum(v), sum(f) from t, u, k, m
!! 42702 @12 column reference "a" is ambiguous

select sum(b) from t
!! 42883 @8 function sum(text) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select sum('1') from t
!! 42725 @8 function sum(unknown) is not unique HINT: Could not choose a best candidate function. You might need to add explicit type casts.

select avg(a), avg(c), avg(z), avg(i) from t, u, m
!! 42702 @12 column reference "a" is ambiguous

select min(b), max(d), min(tags) from t, w
-> min text, max date, min text[]

select max(e) from t
!! 42883 @8 function max(boolean) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select min(doc) from w
!! 42883 @8 function min(jsonb) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select array_agg(a), array_agg(b order by a), array_agg(distinct b) from t
-> array_agg integer[], array_agg text[], array_agg text[]

select array_agg(distinct b order by a) from t
!! 42P10 @38 in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list

select array_agg(distinct b order by b desc) from t
-> array_agg text[]

select string_agg(b, ','), string_agg(b, ',' order by a) from t
-> string_agg text, string_agg text

select string_agg(distinct b, ',' order by b) from t
-> string_agg text

select string_agg(b order by a, ',') from t
!! 42883 @8 function string_agg(text) does not exist HINT: No aggregate function matches the given name and argument types. Perhaps you misplaced ORDER BY; ORDER BY must appear after all regular arguments of the aggregate.

select string_agg(a, ',') from t
!! 42883 @8 function string_agg(integer, unknown) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select bool_and(e), every(e), bit_or(a) from t
-> bool_and boolean, every boolean, bit_or integer

select stddev(a), variance(c), corr(z, z), regr_slope(z, z) from t, u
!! 42702 @15 column reference "a" is ambiguous

select percentile_cont(0.5) within group (order by c) from t
-> percentile_cont double precision

select percentile_cont(0.5) within group (order by z) from u
-> percentile_cont double precision

select percentile_cont(array[0.5]) within group (order by z) from u
-> percentile_cont double precision[]

select percentile_disc(0.5) within group (order by b) from t
-> percentile_disc text

select percentile_disc(0.5) within group (order by a desc) from t
-> percentile_disc integer

select percentile_cont(a) within group (order by z) from u
!! 42803 @24 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function DETAIL: Direct arguments of an ordered-set aggregate must use only grouped columns.

select percentile_cont(a) within group (order by z) from u group by a
-> percentile_cont double precision

select percentile_cont(0.5) from u
!! 42883 @8 function percentile_cont(numeric) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont(0.5) within group (order by z, a) from u
!! 42883 @8 function percentile_cont(numeric, double precision, integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select percentile_cont() within group (order by z) from u
!! 42883 @8 function percentile_cont(double precision) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select mode() within group (order by b) from t
-> mode text

select mode() within group (order by b) over () from t
!! 0A000 @8 OVER is not supported for ordered-set aggregate mode

select rank(1) within group (order by a) from t
-> rank bigint

select rank('x') within group (order by a) from t
!! 22P02 @13 invalid input syntax for type integer: "x"

select rank(1, 2) within group (order by a) from t
!! 42883 @8 function rank(integer, integer, integer) does not exist HINT: To use the hypothetical-set aggregate rank, the number of hypothetical direct arguments (here 2) must match the number of ordering columns (here 1).

select rank(1) within group (order by b) from t
!! 42804 @13 WITHIN GROUP types text and integer cannot be matched

select dense_rank(1, 'a') within group (order by a, b) from t
-> dense_rank bigint

select sum(a) within group (order by b) from t
!! 42883 @8 function sum(integer, text) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select count(distinct) from t
!! 42601 @22 syntax error at or near ")"

select count(distinct *) from t
!! 42601 @23 syntax error at or near "*"

select sum(distinct a) from t
-> sum bigint

select sum(distinct doc) from w
!! 42883 @8 function sum(jsonb) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select count(distinct json) from (select '{}'::json as json) s
!! 42883 @23 could not identify an equality operator for type json

select a from t group by a
-> a integer

select a, b from t group by a
-> a integer, b text

select x, a from u group by x
!! 42803 @11 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select u.x, u.a from u group by u.x
!! 42803 @13 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select x, count(*) from u group by x
-> x bigint, count bigint

select x + 1 from u group by x
-> ?column? bigint

select x + 1 from u group by x + 1
-> ?column? bigint

select x from u group by x + 1
!! 42803 @8 column "u.x" must appear in the GROUP BY clause or be used in an aggregate function

select x + 1 + a from u group by x + 1
!! 42803 @16 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select a, count(*) from u
!! 42803 @8 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select count(*), a from u
!! 42803 @18 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select a from u having count(*) > 1
!! 42803 @8 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select count(*) from u having a > 1
!! 42803 @31 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select count(*) from u having sum(a) > 1
-> count bigint

select count(*) from u having 1
!! 42804 @31 argument of HAVING must be type boolean, not type integer

select * from t group by a
-> a integer, b text, c numeric(10,2), d date, e boolean

select * from u group by a
!! 42803 @8 column "u.x" must appear in the GROUP BY clause or be used in an aggregate function

select t.*, count(u.x) from t join u on t.a = u.a group by t.a
-> a integer, b text, c numeric(10,2), d date, e boolean, count bigint

select t.b, u.y from t join u on t.a = u.a group by t.a
!! 42803 @13 column "u.y" must appear in the GROUP BY clause or be used in an aggregate function

select k1, k2, v from k group by k1, k2
-> k1 integer, k2 text, v smallint

select k1, k2, v from k group by k1
!! 42803 @12 column "k.k2" must appear in the GROUP BY clause or be used in an aggregate function

select v, k1 from k group by v
!! 42803 @11 column "k.k1" must appear in the GROUP BY clause or be used in an aggregate function

select a from u where sum(a) > 1
!! 42803 @23 aggregate functions are not allowed in WHERE

select a from u where a in (select sum(a) from u)
-> a integer

select sum(sum(a)) from u
!! 42803 @12 aggregate function calls cannot be nested

select sum((select count(*) from t)) from u
-> sum numeric

select sum((select max(u.a) from t)) from u
!! 42803 @20 aggregate function calls cannot be nested

select (select sum(u.a) from t) from u
-> sum bigint

select (select sum(u.a + t.a) from t) from u
-> sum bigint

select (select max(t.a) from t where t.a = sum(u.a)) from u
-> max integer

select (select u.x) from u group by a
!! 42803 @16 subquery uses ungrouped column "u.x" from outer query

select (select u.a) from u group by a
-> a integer

select (select sum(x) + u.x from t) from u group by a
!! 42803 @25 subquery uses ungrouped column "u.x" from outer query

select a from u group by 1
-> a integer

select a, sum(x) from u group by 2
!! 42803 @11 aggregate functions are not allowed in GROUP BY

select a from u group by 3
!! 42P10 @26 GROUP BY position 3 is not in select list

select a from u group by 0
!! 42P10 @26 GROUP BY position 0 is not in select list

select a from u group by 'x'
!! 42601 @26 non-integer constant in GROUP BY

select a from u group by 1.5
!! 42601 @26 non-integer constant in GROUP BY

select a as b from t group by b
!! 42803 @8 column "t.a" must appear in the GROUP BY clause or be used in an aggregate function

select x as a, sum(a) from u group by a
!! 42803 @8 column "u.x" must appear in the GROUP BY clause or be used in an aggregate function

select x as q, sum(a) from u group by q
-> q bigint, sum bigint

select a as z, x as z from u group by z
!! 42803 @8 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select a + 1 as z from u group by z
!! 42803 @8 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select y from u group by y, x
-> y text

select y from u group by (y, x)
-> y text

select y from u group by row(y, x)
!! 42803 @8 column "u.y" must appear in the GROUP BY clause or be used in an aggregate function

select y, x from u group by rollup (y, x)
-> y text, x bigint

select y, x, grouping(y, x) from u group by cube (y, x)
-> y text, x bigint, grouping integer

select y, x, grouping(a) from u group by cube (y, x)
!! 42803 @23 arguments to GROUPING must be grouping expressions of the associated query level

select y, x from u group by grouping sets (y, x, ())
-> y text, x bigint

select y, x from u group by grouping sets ((y, x), rollup (a))
-> y text, x bigint

select y, a from u group by grouping sets ((y, x), rollup (a)), z
-> y text, a integer

select a from u group by ()
!! 42803 @8 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select count(*) from u group by ()
-> count bigint

select grouping(a) from u
!! 42803 @17 arguments to GROUPING must be grouping expressions of the associated query level

select sum(a) from u group by distinct rollup (y), rollup (y)
-> sum bigint

select t.b from t group by grouping sets ((t.a), ())
!! 42803 @8 column "t.b" must appear in the GROUP BY clause or be used in an aggregate function

select doc from w group by doc
-> doc jsonb

select j from (select '{}'::json as j) s group by j
!! 42883 @51 could not identify an equality operator for type json

select distinct j from (select '{}'::json as j) s
!! 42883 @17 could not identify an equality operator for type json

select j from (select '{}'::json as j) s order by j
!! 42883 @51 could not identify an ordering operator for type json HINT: Use an explicit ordering operator or modify the query.

select count(*) from u group by generate_series(1, 2)
-> count bigint

select sum(generate_series(1, 3)) from u
!! 0A000 @12 aggregate function calls cannot contain set-returning function calls HINT: You might be able to move the set-returning function into a LATERAL FROM item.

select sum(row_number() over ()) from u
!! 42803 @12 aggregate function calls cannot contain window function calls

select sum(a) from u order by a
!! 42803 @31 column "u.a" must appear in the GROUP BY clause or be used in an aggregate function

select sum(a) from u order by sum(a)
-> sum bigint

select y from u group by y order by count(*)
-> y text

select y from u group by y order by x
!! 42803 @37 column "u.x" must appear in the GROUP BY clause or be used in an aggregate function

select y from u group by y having x = 1
!! 42803 @35 column "u.x" must appear in the GROUP BY clause or be used in an aggregate function

select count(u.*) from u
-> count bigint

select sum(a order by x) from u
-> sum bigint

select sum(a order by 1) from u
-> sum bigint

select sum(all a) from u
-> sum bigint

select sum(a.x) from u a
-> sum numeric

select sum(a) from u limit sum(a)
!! 42803 @28 aggregate functions are not allowed in LIMIT

select count(*) from u join t on sum(u.a) = t.a
!! 42803 @34 aggregate functions are not allowed in JOIN conditions

select * from (select sum(a) from u) s
-> sum bigint

select * from u, lateral (select sum(u.a) from t) s
!! 42803 @34 aggregate functions are not allowed in FROM clause of their own query level

select count(*), 'x' from u
-> count bigint, ?column? text

select 'x' from u group by 'x'
!! 42601 @28 non-integer constant in GROUP BY

select null from u group by 1
-> ?column? text

select case when a > 1 then sum(x) end from u group by a
-> case numeric

select case when a > 1 then sum(x) else y::numeric end from u group by a
!! 42803 @41 column "u.y" must appear in the GROUP BY clause or be used in an aggregate function

select coalesce(y, 'n') from u group by coalesce(y, 'n')
-> coalesce text

select coalesce(y, 'm') from u group by coalesce(y, 'n')
!! 42803 @17 column "u.y" must appear in the GROUP BY clause or be used in an aggregate function

select lower(y) from u group by lower(y)
-> lower text

select upper(y) from u group by lower(y)
!! 42803 @14 column "u.y" must appear in the GROUP BY clause or be used in an aggregate function

select any_value(a) from u
!! 42883 @8 function any_value(integer) does not exist HINT: No function matches the given name and argument types. You might need to add explicit type casts.

select sum(x) filter (where sum(x) > 1) from u
!! 42803 @29 aggregate functions are not allowed in FILTER

select sum(x) filter (where a in (select 1)) from u
-> sum numeric
