insert into t values (1)
->

insert into t values (1, 'b', 1.5, '2020-01-01', true)
->

insert into t values (1, 'b', 1.5, '2020-01-01', true, 6)
!! 42601 @56 INSERT has more expressions than target columns

insert into t values ('1', 2)
->

insert into t values ('x')
!! 22P02 @23 invalid input syntax for type integer: "x"

insert into t values (1.5, 2)
->

insert into t values (true)
!! 42804 @23 column "a" is of type integer but expression is of type boolean HINT: You will need to rewrite or cast the expression.

insert into t (a, b) values (1)
!! 42601 @19 INSERT has more target columns than expressions

insert into t (a) values (1, 2)
!! 42601 @30 INSERT has more expressions than target columns

insert into t (a, b) values ((1, 2))
!! 42601 @19 INSERT has more target columns than expressions HINT: The insertion source is a row expression containing the same number of columns expected by the INSERT. Did you accidentally use extra parentheses?

insert into t (a, b) values (1, 'x'), (2, 'y')
->

insert into t (a, b) values (1, 'x'), (2)
!! 42601 @40 VALUES lists must all be the same length

insert into t (a, b) values (1, 'x'), (2, 3)
->

insert into t (a, d) values (1, 'x'), (2, '2020-01-01')
!! 22007 @33 invalid input syntax for type date: "x"

insert into t (a, d) values (1, 5)
!! 42804 @33 column "d" is of type date but expression is of type integer HINT: You will need to rewrite or cast the expression.

insert into t (a, zz) values (1, 2)
!! 42703 @19 column "zz" of relation "t" does not exist

insert into t (a, a) values (1, 2)
!! 42701 @19 column "a" specified more than once

insert into t (a, t.b) values (1, 2)
!! 42703 @19 column "t" of relation "t" does not exist

insert into t values (default, default)
->

insert into t values (1, default), (default, 'x')
->

insert into t default values
->

insert into missing values (1)
!! 42P01 @13 relation "missing" does not exist

insert into t select * from u
!! 42804 @22 column "c" is of type numeric but expression is of type text HINT: You will need to rewrite or cast the expression.

insert into t select a, y from u
->

insert into t select a, z from u
->

insert into t select y from u
!! 42804 @22 column "a" is of type integer but expression is of type text HINT: You will need to rewrite or cast the expression.

insert into t (a, c) select a, '1.5' from u
->

insert into t (a, d) select 1, 'x'
!! 22007 @32 invalid input syntax for type date: "x"

insert into t (a, d) select 1, '2020-01-01' union select 2, null
!! 42804 @32 column "d" is of type date but expression is of type text HINT: You will need to rewrite or cast the expression.

insert into t (a, b) select 1
!! 42601 @19 INSERT has more target columns than expressions

insert into t (a) select 1, 2
!! 42601 @29 INSERT has more expressions than target columns

insert into t (a, b) values (1, 2) returning *
-> a integer, b text, c numeric(10,2), d date, e boolean

insert into t (a, b) values (1, 2) returning a, b || 'x', t.c as z
-> a integer, ?column? text, z numeric(10,2)

insert into t as q (a) values (1) returning q.a
-> a integer

insert into t as q (a) values (1) returning t.a
!! 42P01 @45 invalid reference to FROM-clause entry for table "t" HINT: Perhaps you meant to reference the table alias "q".

insert into t (a) values (1) returning missing
!! 42703 @40 column "missing" does not exist

insert into t (a) values (1) returning sum(a)
!! 42803 @40 aggregate functions are not allowed in RETURNING

insert into t (a) values (1) returning generate_series(1, 2)
!! 0A000 @40 set-returning functions are not allowed in RETURNING

insert into t (a) values (a)
!! 42703 @27 column "a" does not exist HINT: There is a column named "a" in table "t", but it cannot be referenced from this part of the query.

insert into t (a) values ((select max(a) from u))
->

insert into t (a) values (generate_series(1, 3))
->

insert into t (a) values (sum(1))
!! 42803 @27 aggregate functions are not allowed in VALUES

insert into t (a) values (1) on conflict do nothing
->

insert into t (a) values (1) on conflict (a) do nothing
->

insert into t (a) values (1) on conflict (zz) do nothing
!! 42703 @42 column "zz" does not exist

insert into t (a) values (1) on conflict on constraint t_pk do nothing
!! 42704 @0 constraint "t_pk" for table "t" does not exist

insert into t (a) values (1) on conflict do update set b = 'x'
!! 42601 @30 ON CONFLICT DO UPDATE requires inference specification or constraint name HINT: For example, ON CONFLICT (column_name).

insert into t (a) values (1) on conflict (a) do update set b = excluded.b
->

insert into t (a) values (1) on conflict (a) do update set b = t.b || excluded.b where t.a > 1
->

insert into t (a) values (1) on conflict (a) do update set b = b
!! 42702 @64 column reference "b" is ambiguous

insert into t (a) values (1) on conflict (a) do update set b = 'x' where b = 'y'
!! 42702 @74 column reference "b" is ambiguous

insert into t (a) values (1) on conflict (a) do update set zz = 1
!! 42703 @60 column "zz" of relation "t" does not exist

insert into t (a) values (1) on conflict (a) do update set d = 1
!! 42804 @64 column "d" is of type date but expression is of type integer HINT: You will need to rewrite or cast the expression.

insert into t (a) values (1) on conflict (a) do update set (b, c) = (excluded.b, 2)
->

insert into t (a) values (1) on conflict (a) do update set b = 'x' returning a, excluded.a
!! 42P01 @81 invalid reference to FROM-clause entry for table "excluded" HINT: There is an entry for table "excluded", but it cannot be referenced from this part of the query.

insert into t as q (a) values (1) on conflict (a) do update set b = q.b
->

insert into t as q (a) values (1) on conflict (a) do update set b = t.b
!! 42P01 @69 invalid reference to FROM-clause entry for table "t" HINT: Perhaps you meant to reference the table alias "q".

insert into k values (1, 'a', 2) on conflict (k2, k1) do update set v = 3
->

insert into k values (1, 'a', 2) on conflict (v) do nothing
->

insert into w (tags[1]) values ('x')
->

insert into w (tags[1:2]) values ('{a,b}')
->

insert into w (id, tags) values (1, '{a,b}')
->

insert into w (id, tags) values (1, array['a'])
->

insert into w (id, tags) values (1, array[1])
->

insert into w (id, doc) values (1, '{}'), (2, '{')
!! 22P02 @47 invalid input syntax for type json DETAIL: The input string ended unexpectedly.

insert into w (id, at) values (1, now()), (2, '2020-01-01'), (3, current_date)
->

insert into w (id, amount) values (1, 1), (2, 2.5), (3, '3.5')
->

insert into m (s, n) values ('abcdefgh', 'abcdefgh')
->

insert into m (s) select b from t
->

insert into m (bits) values ('1010'), (b'1010')
->

insert into m (bits) values (5)
!! 42804 @30 column "bits" is of type bit but expression is of type integer HINT: You will need to rewrite or cast the expression.

insert into m (id) values ('x')
!! 22P02 @28 invalid input syntax for type uuid: "x"

insert into m (tm) values (now())
->

insert into m (f) values (1), (1.5), ('2')
->

insert into t overriding system value values (1)
->

insert into t (a, b) (values (1, 'x')) 
->

insert into t (a) values (1) limit 1
->

insert into t (a, b) values (1, 2) order by 1
->

insert into t (a, b) select a, y from u where x = 1 on conflict do nothing returning b
-> b text

insert into t values ($1, $2)
-> | $1 integer, $2 text

insert into t (d, c) values ($1, $2)
-> | $1 date, $2 numeric

insert into t (a) values ($1), ($2)
-> | $1 integer, $2 integer

insert into t (a, b) select $1, $2
-> | $1 integer, $2 text

insert into t (a) values ($1 + 1)
-> | $1 integer

insert into "Mixed" ("A", a) values (1, 2)
->

insert into "Mixed" (A) values (1)
->

insert into t (tableoid) values (1)
!! 42703 @16 column "tableoid" of relation "t" does not exist

update t set b = 'x'
->

update t set b = 1
->

update t set a = 'x'
!! 22P02 @18 invalid input syntax for type integer: "x"

update t set a = '5'
->

update t set d = 5
!! 42804 @18 column "d" is of type date but expression is of type integer HINT: You will need to rewrite or cast the expression.

update t set zz = 1
!! 42703 @14 column "zz" of relation "t" does not exist

update t set t.b = 'x'
!! 42703 @14 column "t" of relation "t" does not exist

update t set b = 'x', b = 'y'
!! 42601 @0 multiple assignments to same column "b"

update t set a = a + 1, b = b || 'x' where a > 1
->

update t set a = default
->

update t set a = 1 where b
!! 42804 @26 argument of WHERE must be type boolean, not type text

update t as q set b = 'x' where q.a = 1
->

update t as q set b = 'x' where t.a = 1
!! 42P01 @33 invalid reference to FROM-clause entry for table "t" HINT: Perhaps you meant to reference the table alias "q".

update t set b = u.y from u where u.a = t.a
->

update t set b = y from u where a = 1
!! 42702 @33 column reference "a" is ambiguous

update t set b = y from u where t.a = u.a returning t.a, u.x, *
-> a integer, x bigint, a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision

update t set (a, b) = (1, 'x')
->

update t set (a, b) = row(1, 'x')
->

update t set (a, b) = (1, default)
->

update t set (a, b) = (1)
!! 0A000 @24 source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression

update t set (a, b) = (1, 2, 3)
!! 42601 @23 number of columns does not match number of values

update t set (a, b) = (select 1, 'x')
->

update t set (a, b) = (select u.a, u.y from u where u.a = t.a)
->

update t set (a, b) = (select 1)
!! 42601 @23 number of columns does not match number of values

update t set (a, d) = (select 1, 2)
!! 42804 @34 column "d" is of type date but expression is of type integer HINT: You will need to rewrite or cast the expression.

update t set (a, b) = 1
!! 0A000 @23 source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression

update t set (a, b) = (select 1, 'x'), c = 2
->

update w set tags[1] = 'x'
->

update w set tags[1] = 1
->

update w set tags[1:2] = '{a,b}'
->

update w set tags[1] = 'x', tags[2] = 'y'
->

update w set tags['x'] = 'y'
!! 22P02 @19 invalid input syntax for type integer: "x"

update w set tags[1] = default
!! 0A000 @14 cannot set an array element to DEFAULT

update w set doc['a'] = '1'
->

update w set doc['a'] = 1
!! 42804 @14 subscripted assignment to "doc" requires type jsonb but expression is of type integer HINT: You will need to rewrite or cast the expression.

update w set amount[1] = 1
!! 42804 @14 cannot subscript type numeric because it does not support subscripting

update w set amount.x = 1
!! 42804 @14 cannot assign to field "x" of column "amount" because its type numeric is not a composite type

update w set tags.x = 1
!! 42804 @14 cannot assign to field "x" of column "tags" because its type text[] is not a composite type

update t set a = sum(a)
!! 42803 @18 aggregate functions are not allowed in UPDATE

update t set a = (select sum(x) from u)
->

update t set a = generate_series(1, 2)
!! 0A000 @18 set-returning functions are not allowed in UPDATE

update t set a = 1 where sum(a) = 1
!! 42803 @26 aggregate functions are not allowed in WHERE

update t set a = 1 returning sum(a)
!! 42803 @30 aggregate functions are not allowed in RETURNING

update t set b = 'x' from t t2 where t.a = t2.a
->

update t set b = 'x' from t
!! 42712 @0 table name "t" specified more than once

update t set b = 'x' from (select t.a) s
!! 42P01 @35 invalid reference to FROM-clause entry for table "t" HINT: There is an entry for table "t", but it cannot be referenced from this part of the query.

update t set b = 'x' from lateral (select t.a) s
!! 42P10 @43 invalid reference to FROM-clause entry for table "t" HINT: There is an entry for table "t", but it cannot be referenced from this part of the query.

update t set a = $1 where b = $2
-> | $1 integer, $2 text

update t set c = c * $1
-> | $1 numeric

update missing set a = 1
!! 42P01 @8 relation "missing" does not exist

update (select 1) s set a = 1
!! 42601 @8 syntax error at or near "("

update m set s = 'abcdefghi', n = 1
->

update only t set b = 'x'
->

update t set b = 'x' returning b as q, c
-> q text, c numeric(10,2)

delete from t
->

delete from t where a = 1
->

delete from t where a
!! 42804 @21 argument of WHERE must be type boolean, not type integer

delete from t where b = 1
!! 42883 @23 operator does not exist: text = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

delete from t where a = 'x'
!! 22P02 @25 invalid input syntax for type integer: "x"

delete from t as q where q.a = 1
->

delete from t q where t.a = 1
!! 42P01 @23 invalid reference to FROM-clause entry for table "t" HINT: Perhaps you meant to reference the table alias "q".

delete from t using u where t.a = u.a
->

delete from t using u where a = 1
!! 42702 @29 column reference "a" is ambiguous

delete from t using t where t.a = 1
!! 42712 @0 table name "t" specified more than once

delete from t using t q where t.a = q.a returning q.*
-> a integer, b text, c numeric(10,2), d date, e boolean

delete from t returning *
-> a integer, b text, c numeric(10,2), d date, e boolean

delete from t returning a, tableoid
-> a integer, tableoid oid

delete from t where a in (select x from u) returning b
-> b text

delete from t where sum(a) = 1
!! 42803 @21 aggregate functions are not allowed in WHERE

delete from missing
!! 42P01 @13 relation "missing" does not exist

delete from t where a = $1
-> | $1 integer

delete from t where exists (select 1 from u where u.a = t.a)
->

merge into t using u on t.a = u.a when matched then delete
->

merge into t using u on t.a = u.a when matched then update set b = u.y
->

merge into t using u on t.a = u.a when not matched then insert values (u.a, u.y)
->

merge into t using u on t.a = u.a when not matched then insert (a, b) values (u.a, t.b)
!! 42P01 @84 invalid reference to FROM-clause entry for table "t" HINT: There is an entry for table "t", but it cannot be referenced from this part of the query.

merge into t using u on t.a = u.a when not matched then insert (a, zz) values (u.a, 1)
!! 42703 @68 column "zz" of relation "t" does not exist

merge into t using u on t.a = u.a when matched and t.b = 'x' then update set b = 1 when not matched then do nothing
->

merge into t using u on t.a = u.a when matched and u.x then delete
!! 42804 @52 argument of WHEN must be type boolean, not type bigint

merge into t using t on true when matched then delete
!! 42712 @0 name "t" specified more than once DETAIL: The name is used both as MERGE target table and data source.

merge into t using u on t.a = u.a when matched then delete when matched then do nothing
!! 42601 @0 unreachable WHEN clause specified after unconditional WHEN clause

merge into t q using (select 1 as a) s on q.a = s.a when matched then update set b = 'y' when not matched then insert default values
->

merge into t using u on t.a = u.a when matched then update set zz = 1
!! 42703 @64 column "zz" of relation "t" does not exist

merge into t using u on t.a = u.a when not matched and t.a = 1 then do nothing
!! 42P01 @56 invalid reference to FROM-clause entry for table "t" HINT: There is an entry for table "t", but it cannot be referenced from this part of the query.

merge into t using u on t.a = u.a when not matched then insert (a) values (1, 2)
!! 42601 @79 INSERT has more expressions than target columns

merge into t using u on t.a = sum(u.a) when matched then delete
!! 42803 @31 aggregate functions are not allowed in JOIN conditions
