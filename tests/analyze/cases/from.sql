select * from t join u on t.a = u.a
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision

select * from t join u using (a)
-> a integer, b text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision

select * from t left join u using (a)
-> a integer, b text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision

select * from t right join u using (a)
-> a integer, b text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision

select * from t full join u using (a)
-> a integer, b text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision

select a from t full join u using (a)
-> a integer

select t.a, u.a, a from t full join u using (a)
-> a integer, a integer, a integer

select * from t natural join u
-> a integer, b text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision

select * from t natural left join w
-> a integer, b text, c numeric(10,2), d date, e boolean, id integer, grp text, amount numeric, at timestamp with time zone, tags text[], doc jsonb

select * from t cross join u
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision

select * from t join u using (b)
!! 42703 @0 column "b" specified in USING clause does not exist in right table

select * from t join u using (x)
!! 42703 @0 column "x" specified in USING clause does not exist in left table

select * from t join u using (a, a)
!! 42701 @0 column name "a" appears more than once in USING clause

select * from t join u using (missing)
!! 42703 @0 column "missing" specified in USING clause does not exist in left table

select * from t join (select 1 as a, 2 as a) s using (a)
!! 42702 @0 common column name "a" appears more than once in right table

select * from t join (select 'x'::text as a) s using (a)
!! 42804 @0 JOIN/USING types integer and text cannot be matched

select * from t join (select 1::bigint as a) s using (a)
-> a bigint, b text, c numeric(10,2), d date, e boolean

select a from t left join (select 1::bigint as a) s using (a)
-> a bigint

select a from t join (select 1.5 as a) s using (a)
-> a numeric

select * from t join u on t.a
!! 42804 @27 argument of JOIN/ON must be type boolean, not type integer

select * from t join u on a = 1
!! 42702 @27 column reference "a" is ambiguous

select * from t join u on t.a = x.a
!! 42P01 @33 missing FROM-clause entry for table "x"

select * from t join u on t.a = u.a join w on w.id = u.a
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision, id integer, grp text, amount numeric, at timestamp with time zone, tags text[], doc jsonb

select * from t join u using (a) join w on w.id = a
-> a integer, b text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision, id integer, grp text, amount numeric, at timestamp with time zone, tags text[], doc jsonb

select * from (t join u using (a)) j
-> a integer, b text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision

select j.a, j.b from (t join u using (a)) j
-> a integer, b text

select t.a from (t join u using (a)) j
!! 42P01 @8 invalid reference to FROM-clause entry for table "t" HINT: There is an entry for table "t", but it cannot be referenced from this part of the query.

select * from (t join u using (a)) as j (p, q)
-> p integer, q text, c numeric(10,2), d date, e boolean, x bigint, y text, z double precision

select p, q from (t join u using (a)) as j (p, q)
-> p integer, q text

select * from (t join u using (a)) as j (p, q, r, s, x, y, z, tt, uu)
!! 42P10 @0 join expression "j" has 8 columns available but 9 columns specified

select j.a, t.a from t join u using (a) as j
-> a integer, a integer

select j.b from t join u using (a) as j
!! 42703 @8 column j.b does not exist HINT: Perhaps you meant to reference the column "t.b".

select * from t join u using (a) as t
!! 42712 @0 table name "t" specified more than once

select j from t join u using (a) as j
-> j record

select * from t, u, w where t.a = u.a and u.a = w.id
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision, id integer, grp text, amount numeric, at timestamp with time zone, tags text[], doc jsonb

select * from t left join (u join w on u.a = w.id) on t.a = u.a
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision, id integer, grp text, amount numeric, at timestamp with time zone, tags text[], doc jsonb

select * from t left join u on t.a = u.a where u is null
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision

select * from t a join t b on a.a = b.a
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, b text, c numeric(10,2), d date, e boolean

select a.a, b.a from t a join t b using (a)
-> a integer, a integer

select * from t join t on true
!! 42712 @0 table name "t" specified more than once

select * from t, lateral (select t.a + u.x as s from u where u.a = t.a) l
-> a integer, b text, c numeric(10,2), d date, e boolean, s bigint

select * from t, (select t.a from u) l
!! 42P01 @26 invalid reference to FROM-clause entry for table "t" HINT: There is an entry for table "t", but it cannot be referenced from this part of the query.

select * from t, (select u.a from u where u.a = t.a) l
!! 42P01 @49 invalid reference to FROM-clause entry for table "t" HINT: There is an entry for table "t", but it cannot be referenced from this part of the query.

select * from u right join lateral (select u.a) l on true
!! 42P10 @44 invalid reference to FROM-clause entry for table "u" DETAIL: The combining JOIN type must be INNER or LEFT for a LATERAL reference.

select * from t left join lateral (select t.a as q) l on true
-> a integer, b text, c numeric(10,2), d date, e boolean, q integer

select * from t full join lateral (select t.a) l on true
!! 42P10 @43 invalid reference to FROM-clause entry for table "t" DETAIL: The combining JOIN type must be INNER or LEFT for a LATERAL reference.

select * from t join lateral (select a from u limit 1) l on l.a = t.a
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer

select * from (select u.a from t) l, u
!! 42P01 @23 missing FROM-clause entry for table "u"

select * from generate_series(1, 3)
-> generate_series integer

select * from generate_series(1, 3) g
-> g integer

select * from generate_series(1, 3) g (x)
-> x integer

select g.g, g from generate_series(1, 3) g
-> g integer, g integer

select * from generate_series(1, 3) with ordinality
-> generate_series integer, ordinality bigint

select * from generate_series(1, 3) with ordinality g (a, n)
-> a integer, n bigint

select * from generate_series(1, 3) g (a, b)
!! 42P10 @0 table "g" has 1 columns available but 2 columns specified

select * from unnest(array[1, 2])
-> unnest integer

select * from unnest(array[1, 2], array['a', 'b'])
-> unnest integer, unnest text

select * from unnest(array[1, 2], array['a', 'b']) with ordinality as q (x, y, n)
-> x integer, y text, n bigint

select * from rows from (generate_series(1, 2), unnest(array['a'])) r
-> generate_series integer, unnest text

select * from rows from (generate_series(1, 2), unnest(array['a'])) with ordinality
-> generate_series integer, unnest text, ordinality bigint

select * from t, generate_series(1, t.a) g
-> a integer, b text, c numeric(10,2), d date, e boolean, g integer

select * from t, unnest(array[t.a]) x
-> a integer, b text, c numeric(10,2), d date, e boolean, x integer

select * from lower('a')
-> lower text

select * from lower('a') l
-> l text

select l from lower('a') l
-> l text

select * from now()
-> now timestamp with time zone

select * from current_date
-> current_date date

select * from coalesce(1, 2)
-> coalesce integer

select * from abs(generate_series(1, 2))
!! 0A000 @19 set-returning functions must appear at top level of FROM

select * from json_to_record('{}')
!! 42601 @15 a column definition list is required for functions returning "record"

select * from json_to_record('{}') as x (a int, b text)
-> a integer, b text

select * from json_to_record('{}') as x (a int, a text)
!! 42701 @0 column name "a" specified more than once

select * from json_to_record('{}') as x (a nosuch)
!! 42704 @44 type "nosuch" does not exist

select * from lower('a') as x (a int)
!! 42601 @32 a column definition list is only allowed for functions returning "record"

select * from generate_series(1, 2) as x (a int)
!! 42601 @43 a column definition list is only allowed for functions returning "record"

select * from json_each('{}')
-> key text, value json

select * from json_each('{}') as e (k, v)
-> k text, v json

select key from json_each('{}')
-> key text

select * from jsonb_each_text('{}') e
-> key text, value text

select (e).key from jsonb_each_text('{}') e
-> key text

select * from sum(1)
!! 42803 @15 aggregate functions are not allowed in functions in FROM

select * from row_number() over ()
!! 42601 @34 syntax error at or near ")"

select * from (values (1, 'a'), (2, 'b')) v
-> column1 integer, column2 text

select * from (values (1, 'a'), (2.5, null)) v (x, y)
-> x numeric, y text

select * from (values (1), ('x')) v
!! 22P02 @29 invalid input syntax for type integer: "x"

select * from (values (1, 2), (3)) v
!! 42601 @32 VALUES lists must all be the same length

select * from (values (1), (true)) v
!! 42804 @29 VALUES types integer and boolean cannot be matched

values (1, 'a'), (2, 'b')
-> column1 integer, column2 text

values (1, null), (null, 'x')
-> column1 integer, column2 text

values ('1'), (2)
-> column1 integer

values (1), (default)
!! 42601 @14 DEFAULT is not allowed in this context

values (1), (2) order by 1
-> column1 integer

values (1), (2) order by column1 limit 1
-> column1 integer

values (a)
!! 42703 @9 column "a" does not exist

select * from t tablesample system (10)
-> a integer, b text, c numeric(10,2), d date, e boolean

select * from t tablesample bernoulli (10.5) repeatable (1)
-> a integer, b text, c numeric(10,2), d date, e boolean

select * from t tablesample nosuch (10)
!! 42704 @29 tablesample method nosuch does not exist

select * from t tablesample system (10, 20)
!! 2202H @29 tablesample method system requires 1 argument, not 2

select * from t tablesample system ('x')
!! 22P02 @37 invalid input syntax for type real: "x"

select * from (select 1) s tablesample system (10)
!! 42601 @28 syntax error at or near "tablesample"

select * from t as x tablesample bernoulli ('50')
-> a integer, b text, c numeric(10,2), d date, e boolean

select (select 1, 2)
!! 42601 @8 subquery must return only one column

select (select 1 where false)
-> ?column? integer

select a from t where a = (select u.a from u)
-> a integer

select a from t where a = (select x, y from u)
!! 42601 @27 subquery must return only one column

select a from t where a in (select x from u)
-> a integer

select a from t where a in (select x, y from u)
!! 42601 @25 subquery has too many columns

select a from t where (a, b) in (select x, y from u)
-> a integer

select a from t where (a, b) in (select x from u)
!! 42601 @30 subquery has too few columns

select a from t where (a, b) = (select x, y from u)
-> a integer

select a from t where (a, b) < (select x, y from u)
-> a integer

select a from t where (a, b) = (select x from u)
!! 42601 @30 subquery has too few columns

select a from t where b in (select x from u)
!! 42883 @25 operator does not exist: text = bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select a from t where a > all (select x from u)
-> a integer

select a from t where a = any (select b from t)
!! 42883 @25 operator does not exist: integer = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select a from t where b like any (select y from u)
-> a integer

select a from t where a not in (select a from u)
-> a integer

select a from t where not exists (select * from u where u.a = t.a)
-> a integer

select exists (select) 
-> exists boolean

select array(select x from u where u.a = t.a) from t
-> array bigint[]

select t.a, s.n from t, (select count(*) as n from u) s
-> a integer, n bigint

select * from (select a from t) s (z)
-> z integer

select * from (select a from t) s (z, y)
!! 42P10 @0 table "s" has 1 columns available but 2 columns specified

select s.a from (select a, a from t) s
!! 42702 @8 column reference "a" is ambiguous

select * from (select a, a from t) s
-> a integer, a integer

select (select s.a) from (select 1 as a) s
-> a integer

select * from t where a = 1 or b
!! 42804 @32 argument of OR must be type boolean, not type text

select * from t where 'x'
!! 22P02 @23 invalid input syntax for type boolean: "x"

select * from t where 't'
-> a integer, b text, c numeric(10,2), d date, e boolean

select * from t where null
-> a integer, b text, c numeric(10,2), d date, e boolean

select * from t where generate_series(1, 2) = 1
!! 0A000 @23 set-returning functions are not allowed in WHERE

select 1 where 1
!! 42804 @16 argument of WHERE must be type boolean, not type integer
