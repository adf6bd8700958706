select a from t order by a
-> a integer

select a from t order by b
-> a integer

select a from t order by 1
-> a integer

select a from t order by 2
!! 42P10 @26 ORDER BY position 2 is not in select list

select a from t order by 0
!! 42P10 @26 ORDER BY position 0 is not in select list

select a from t order by -1
!! 42P10 @26 ORDER BY position -1 is not in select list

select a from t order by 1.5
!! 42601 @26 non-integer constant in ORDER BY

select a from t order by 'x'
!! 42601 @26 non-integer constant in ORDER BY

select a from t order by null
!! 42601 @26 non-integer constant in ORDER BY

select a from t order by a + 1, b desc nulls last
-> a integer

select a as b from t order by b
-> b integer

select a as x, b as x from t order by x
!! 42702 @39 ORDER BY "x" is ambiguous

select a, a from t order by a
-> a integer, a integer

select a as z from t order by z + 1
!! 42703 @31 column "z" does not exist

select a as z from t order by t.z
!! 42703 @31 column t.z does not exist

select a from t order by missing
!! 42703 @26 column "missing" does not exist

select distinct a from t order by a
-> a integer

select distinct a from t order by b
!! 42P10 @35 for SELECT DISTINCT, ORDER BY expressions must appear in select list

select distinct a + 1 from t order by a + 1
-> ?column? integer

select distinct a as z from t order by z
-> z integer

select distinct on (a) a, b from t
-> a integer, b text

select distinct on (a) a, b from t order by a, b
-> a integer, b text

select distinct on (a) a, b from t order by b
!! 42P10 @21 SELECT DISTINCT ON expressions must match initial ORDER BY expressions

select distinct on (a, b) a from t order by b, a, c
-> a integer

select distinct on (a, b) a from t order by a, c, b
!! 42P10 @24 SELECT DISTINCT ON expressions must match initial ORDER BY expressions

select distinct on (1) a from t
-> a integer

select distinct on (2) a from t
!! 42P10 @21 DISTINCT ON position 2 is not in select list

select distinct on (c) a from t order by c
-> a integer

select distinct from t
!! 42601 @17 syntax error at or near "from"

select distinct 'x'
-> ?column? text

select distinct null
-> ?column? text

select distinct doc from w
-> doc jsonb

select distinct '{}'::json
!! 42883 @17 could not identify an equality operator for type json

select a from t order by e using <
-> a integer

select a from t order by a using >
-> a integer

select a from t order by a using +
!! 42809 @34 operator + is not a valid ordering operator HINT: Ordering operators must be "<" or ">" members of btree operator families.

select a from t order by a using @@
!! 42883 @34 operator does not exist: integer @@ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select a from t order by b collate "C"
-> a integer

select '{}'::json order by 1
!! 42883 @28 could not identify an ordering operator for type json HINT: Use an explicit ordering operator or modify the query.

select a from t limit 1 offset 2
-> a integer

select a from t limit '1'
-> a integer

select a from t limit 'x'
!! 22P02 @23 invalid input syntax for type bigint: "x"

select a from t limit 1.5
-> a integer

select a from t limit a
!! 42P10 @23 argument of LIMIT must not contain variables

select a from t limit (select a from u limit 1)
-> a integer

select a from t limit null
-> a integer

select a from t limit all
-> a integer

select a from t offset b
!! 42804 @24 argument of OFFSET must be type bigint, not type text

select a from t limit true
!! 42804 @23 argument of LIMIT must be type bigint, not type boolean

select a from t fetch first row only
-> a integer

select a from t order by a fetch first 3 rows with ties
-> a integer

select a from t order by a fetch first null rows with ties
!! 2201W @0 row count cannot be null in FETCH FIRST ... WITH TIES clause

select a from t fetch first 3 rows with ties
!! 42601 @0 WITH TIES cannot be specified without ORDER BY clause

select a from t offset 2 rows fetch next 5 rows only
-> a integer

select a from t limit $1 offset $2
-> a integer | $1 bigint, $2 bigint

select a from t for update
-> a integer

select a from t for no key update nowait
-> a integer

select a from t for share skip locked
-> a integer

select a from t for key share of t
-> a integer

select a from t for update of u
!! 42P01 @31 relation "u" in FOR UPDATE clause not found in FROM clause

select a from t as x for update of t
!! 42P01 @36 relation "t" in FOR UPDATE clause not found in FROM clause

select a from t as x for update of x
-> a integer

select a from t for update of analysis_cases.t
!! 42601 @31 FOR UPDATE must specify unqualified relation names

select count(*) from t for update
!! 0A000 @0 FOR UPDATE is not allowed with aggregate functions

select a from t group by a for update
!! 0A000 @0 FOR UPDATE is not allowed with GROUP BY clause

select distinct a from t for update
!! 0A000 @0 FOR UPDATE is not allowed with DISTINCT clause

select a from t union select a from u for update
!! 0A000 @0 FOR UPDATE is not allowed with UNION/INTERSECT/EXCEPT

select * from t, u for update of t for share of u
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision

select * from (select 1) s for update
-> ?column? integer

select * from (select 1) s for update of s
-> ?column? integer

select * from generate_series(1, 2) g for update of g
!! 0A000 @53 FOR UPDATE cannot be applied to a function

select * from (t join u using (a)) j for update of j
!! 0A000 @52 FOR UPDATE cannot be applied to a join

select generate_series(1, 2) for update
!! 0A000 @0 FOR UPDATE is not allowed with set-returning functions in the target list

select row_number() over () from t for update
!! 0A000 @0 FOR UPDATE is not allowed with window functions

select a from t having true for update
!! 0A000 @0 FOR UPDATE is not allowed with HAVING clause

values (1) for update
!! 0A000 @0 FOR UPDATE cannot be applied to VALUES

with q as (select 1) select * from q for update of q
!! 0A000 @52 FOR UPDATE cannot be applied to a WITH query

select a from t union select a from u
-> a integer

select a, b from t union select x, y from u
-> a bigint, b text

select a from t union all select b from t
!! 42804 @34 UNION types integer and text cannot be matched

select a, b from t union select a from u
!! 42601 @33 each UNION query must have the same number of columns

select a from t union select a, x from u
!! 42601 @30 each UNION query must have the same number of columns

select 1 union select 2.5
-> ?column? numeric

select 1 union select 'x'
!! 22P02 @23 invalid input syntax for type integer: "x"

select 1 union select '2'
-> ?column? integer

select 'a' union select 'b'
-> ?column? text

select null union select null
-> ?column? text

select null union select 1
-> ?column? integer

select 1 union select true
!! 42804 @23 UNION types integer and boolean cannot be matched

select 1 as q union select 2 as r
-> q integer

select 1 intersect select 2
-> ?column? integer

select 1 except select 2.5
-> ?column? numeric

select a from t intersect all select a from u
-> a integer

select a from t except select y from u
!! 42804 @31 EXCEPT types integer and text cannot be matched

select 1 union select 2 union select 3.5
-> ?column? numeric

select 1 union (select 2 union select 3.5)
-> ?column? numeric

select 1 union select 2 order by 1
-> ?column? integer

select 1 as x union select 2 order by x
-> x integer

select 1 as x union select 2 order by x + 1
!! 0A000 @39 invalid UNION/INTERSECT/EXCEPT ORDER BY clause DETAIL: Only result column names can be used, not expressions or functions. HINT: Add the expression/function to every SELECT, or move the UNION into a FROM clause.

select 1 as x union select 2 order by y
!! 42703 @39 column "y" does not exist

select a from t union select a from u order by t.a
!! 42P01 @48 missing FROM-clause entry for table "t"

select a from t union select a from u order by b
!! 42703 @48 column "b" does not exist

select a from t union select a from u limit 1
-> a integer

(select a from t order by b limit 1) union all (select a from u)
-> a integer

(select a from t) union (select a from u) order by a desc
-> a integer

select c from t union all select 1.234
-> c numeric

select c from t union all select c from t
-> c numeric(10,2)

select s from m union select n from m
-> s character varying

select s from m union all select 'abc'
-> s character varying

select '{}'::json union select '{}'::json
!! 42883 @8 could not identify an equality operator for type json

select '{}'::json union all select '{}'::json
-> json json

select $1 union select 1
-> ?column? integer | $1 integer

select $1 union select $2
-> ?column? text | $1 text, $2 text

select 'a' union all select 'b' union all select 1
!! 42804 @50 UNION types text and integer cannot be matched

select 1, 'a' union select 2, 'b' union select 3, null
-> ?column? integer, ?column? text

select * from (select 1 union select 2) s (q)
-> q integer

select 1 where 1 in (select 1 union select 2)
-> ?column? integer

select (select 1 union select 2)
-> ?column? integer

select array(select 1 union all select 2.5)
-> array numeric[]

values (1) union select 2
-> column1 integer

values (1, 'a') union values (2, 'b')
-> column1 integer, column2 text

select a from t union select sum(a) from u
-> a bigint

select a from t union select a from missing
!! 42P01 @37 relation "missing" does not exist

select date '2020-01-01' union select timestamp '2020-01-01'
-> date timestamp without time zone

select date '2020-01-01' union select '2020-01-01'
-> date date

select date '2020-01-01' union select 'x'
!! 22007 @39 invalid input syntax for type date: "x"

table t
-> a integer, b text, c numeric(10,2), d date, e boolean

table missing
!! 42P01 @7 relation "missing" does not exist

table t union table t
-> a integer, b text, c numeric(10,2), d date, e boolean

with q as (select 1 as a) select * from q
-> a integer

with q as (select 1 as a) select a, q.a, q from q
-> a integer, a integer, q record

with q (z) as (select 1 as a) select z from q
-> z integer

with q (z, y) as (select 1 as a) select z from q
!! 42P10 @6 WITH query "q" has 1 columns available but 2 columns specified

with q as (select 'x' as a) select a from q
-> a text

with q as (select 1), q as (select 2) select 1
!! 42712 @23 WITH query name "q" specified more than once

with q as (select 1 as a), r as (select a + 1 as b from q) select * from q, r
-> a integer, b integer

with r as (select a from q), q as (select 1 as a) select * from r
!! 42P01 @26 relation "q" does not exist DETAIL: There is a WITH item named "q", but it cannot be referenced from this part of the query. HINT: Use WITH RECURSIVE, or re-order the WITH items to remove forward references.

with recursive r as (select a from q), q as (select 1 as a) select * from r
-> a integer

with q as (select * from q) select * from q
!! 42P01 @26 relation "q" does not exist DETAIL: There is a WITH item named "q", but it cannot be referenced from this part of the query. HINT: Use WITH RECURSIVE, or re-order the WITH items to remove forward references.

with t as (select 1 as z) select z from t
-> z integer

with t as (select 1 as z) select a from t
!! 42703 @34 column "a" does not exist

with q as materialized (select 1 as a) select * from q x
-> a integer

with q as (select 1 as a) select * from (with q as (select 'x'::text as b) select * from q) s
-> b text

with q as (select 1 as a) select (select a from q)
-> a integer

with q as (select missing) select 1
!! 42703 @19 column "missing" does not exist

with recursive q as (select 1 as n union all select n + 1 from q where n < 5) select * from q
-> n integer

with recursive q (n) as (select 1 union all select n + 1 from q) select n from q
-> n integer

with recursive q (n) as (values (1) union all select n + 1 from q) select n from q
-> n integer

with recursive q (n) as (select 1 union all select n + 1.5 from q) select n from q
!! 42804 @33 recursive query "q" column 1 has type integer in non-recursive term but type numeric overall HINT: Cast the output of the non-recursive term to the correct type.

with recursive q (n) as (select 'a' union all select n || 'b' from q) select n from q
-> n text

with recursive q (n) as (select 'a'::varchar(5) union all select n || 'b' from q) select n from q
!! 42804 @33 recursive query "q" column 1 has type character varying(5) in non-recursive term but type character varying overall HINT: Cast the output of the non-recursive term to the correct type.

with recursive q as (select * from q) select * from q
!! 42P19 @16 recursive query "q" does not have the form non-recursive-term UNION [ALL] recursive-term

with recursive q (n) as (select n from q union all select 1) select * from q
!! 42P19 @40 recursive reference to query "q" must not appear within its non-recursive term

with recursive q (n) as (select 1 intersect select n from q) select * from q
!! 42P19 @16 recursive query "q" does not have the form non-recursive-term UNION [ALL] recursive-term

with recursive q (n) as (select 1 union all select a.n from q a, q b) select * from q
!! 42P19 @66 recursive reference to query "q" must not appear more than once

with recursive q (n) as (select 1 union all select t.a from t left join q on true) select * from q
!! 42P19 @73 recursive reference to query "q" must not appear within an outer join

with recursive q (n) as (select 1 union all select t.a from q left join t on true) select * from q
-> n integer

with recursive q (n) as (select 1 union all select a from t where a in (select n from q)) select * from q
!! 42P19 @87 recursive reference to query "q" must not appear within a subquery

with recursive q (n) as (select 1 union all (select n from q except select 2)) select * from q
-> n integer

with recursive q (n) as (select 1 union all (select 2 except select n from q)) select * from q
!! 42P19 @76 recursive reference to query "q" must not appear within EXCEPT

with recursive q (n) as (select 1 union all select n + 1 from q where n < 5 order by 1) select * from q
!! 0A000 @86 ORDER BY in a recursive query is not implemented

with recursive q (n) as (select 1 union select n from r), r (n) as (select 1 union select n from q) select * from q
!! 0A000 @16 mutual recursion between WITH items is not implemented

with recursive q (n) as (select 1 union all select x.n + 1 from (select n from q) x) select * from q
-> n integer

with recursive q (n, path) as (select a, array[a] from t union all select t.a, path || t.a from t, q) select * from q
-> n integer, path integer[]

with q as (insert into u values (1) returning a, x) select * from q
-> a integer, x bigint

with q as (insert into u values (1)) select * from q
!! 0A000 @52 WITH query "q" does not have a RETURNING clause

with q as (delete from u returning *) insert into u select * from q
->

with q as (update u set a = 1 returning *) select count(*) from q
-> count bigint

select * from (with q as (insert into u values (1) returning a) select * from q) s
!! 0A000 @21 WITH clause containing a data-modifying statement must be at the top level

with q as (select 1 as a) insert into u select a from q
->

with q as (select 1 as a) update u set x = q.a from q
->

with q as (select 1 as a) delete from u using q where u.a = q.a
->
