select a from t
-> a integer

select A, "a" from t
-> a integer, a integer

select x from t
!! 42703 @8 column "x" does not exist

select t.x from t
!! 42703 @8 column t.x does not exist

select bb from t
!! 42703 @8 column "bb" does not exist HINT: Perhaps you meant to reference the column "t.b".

select nonsense from t
!! 42703 @8 column "nonsense" does not exist

select * from t
-> a integer, b text, c numeric(10,2), d date, e boolean

select t.* from t
-> a integer, b text, c numeric(10,2), d date, e boolean

select t.*, t.a from t
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer

select (t).a from t
-> a integer

select (t).* from t
-> a integer, b text, c numeric(10,2), d date, e boolean

select (t).zz from t
!! 42703 @9 column t.zz does not exist

select t.a.b from t
!! 42P01 @8 missing FROM-clause entry for table "a"

select a(t) from t
-> a integer

select lower(t.b), b.lower from t, (select 'x'::text as lower) b
-> lower text, lower text

select t.b.lower from t
!! 42P01 @8 missing FROM-clause entry for table "b"

select a from t, u
!! 42702 @8 column reference "a" is ambiguous

select t.a, u.a, x from t, u
-> a integer, a integer, x bigint

select * from t, u
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, x bigint, y text, z double precision

select * from t as q (one, two)
-> one integer, two text, c numeric(10,2), d date, e boolean

select one, c from t as q (one, two)
-> one integer, c numeric(10,2)

select * from t as q (a1, a2, a3, a4, a5, a6)
!! 42P10 @0 table "q" has 5 columns available but 6 columns specified

select t.a from t as q
!! 42P01 @8 invalid reference to FROM-clause entry for table "t" HINT: Perhaps you meant to reference the table alias "q".

select q.a from t as q
-> a integer

select * from t, t
!! 42712 @0 table name "t" specified more than once

select * from t, t as t2
-> a integer, b text, c numeric(10,2), d date, e boolean, a integer, b text, c numeric(10,2), d date, e boolean

select t.a from t t2, t
-> a integer

select analysis_cases.t.a from t
-> a integer

select analysis_cases.t.a from t as q
!! 42P01 @8 invalid reference to FROM-clause entry for table "t" HINT: Perhaps you meant to reference the table alias "q".

select postgres.analysis_cases.t.a from t
!! 0A000 @8 cross-database references are not implemented: postgres.analysis_cases.t.a

select elsewhere.analysis_cases.t.a from t
!! 0A000 @8 cross-database references are not implemented: elsewhere.analysis_cases.t.a

select a.b.c.d.e from t
!! 42601 @8 improper qualified name (too many dotted names): a.b.c.d.e

select * from missing
!! 42P01 @15 relation "missing" does not exist

select * from missing.t
!! 42P01 @15 relation "missing.t" does not exist

select * from analysis_cases.t
-> a integer, b text, c numeric(10,2), d date, e boolean

select * from analysis_cases.missing
!! 42P01 @15 relation "analysis_cases.missing" does not exist

select * from elsewhere.public.t
!! 0A000 @15 cross-database references are not implemented: "elsewhere.public.t"

select *
!! 42601 @8 SELECT * with no tables specified is not valid

select missing.* from t
!! 42P01 @8 missing FROM-clause entry for table "missing"

select missing.a from t
!! 42P01 @8 missing FROM-clause entry for table "missing"

select "Mixed"."A", a, "select" from "Mixed"
-> A integer, a integer, select text

select * from "Mixed"
-> A integer, a integer, select text

select A from "Mixed"
-> a integer

select Mixed.a from "Mixed"
!! 42P01 @8 missing FROM-clause entry for table "mixed"

select tableoid from t
-> tableoid oid

select t.tableoid, * from t
-> tableoid oid, a integer, b text, c numeric(10,2), d date, e boolean

select a as x from t where x > 5
!! 42703 @28 column "x" does not exist

select a as x from t order by x
-> x integer

select a as x from t group by x
-> x integer

select a as x from t having x > 1
!! 42703 @29 column "x" does not exist

select 1 as x, x + 1
!! 42703 @16 column "x" does not exist

select (select a) from t
-> a integer

select (select t.a from u where u.a = t.a) from t
-> a integer

select (select zz from u) from t
!! 42703 @16 column "zz" does not exist HINT: Perhaps you meant to reference the column "u.z".

select a from t where exists (select 1 from u where u.a = t.a and x = c)
-> a integer

select * from t join u on t.a = u.a where a = 1
!! 42702 @43 column reference "a" is ambiguous

select amont from w
!! 42703 @8 column "amont" does not exist HINT: Perhaps you meant to reference the column "w.amount".

select w.amuont from w
!! 42703 @8 column w.amuont does not exist HINT: Perhaps you meant to reference the column "w.amount".

select grop, amount from w
!! 42703 @8 column "grop" does not exist HINT: Perhaps you meant to reference the column "w.grp".

select t.aa from t, u
!! 42703 @8 column t.aa does not exist HINT: Perhaps you meant to reference the column "t.a".

select y2 from t, u
!! 42703 @8 column "y2" does not exist HINT: Perhaps you meant to reference the column "u.y".

select ab from t, u
!! 42703 @8 column "ab" does not exist

select * from t where t2.a = 1
!! 42P01 @23 missing FROM-clause entry for table "t2"

select t1.a from t
!! 42P01 @8 missing FROM-clause entry for table "t1"

select T.A from T
-> a integer

select 1 from t x, u x
!! 42712 @0 table name "x" specified more than once

select x.x from u x
-> x bigint

select x from u x
-> x bigint

select u from u x
!! 42703 @8 column "u" does not exist

select x.* from u x
-> a integer, x bigint, y text, z double precision

select count(t) from t
-> count bigint

select row(t.*) from t
-> row record

select row(t) from t
-> row record

select row(t.*, 1) from t
-> row record

select (row(1, 'a')).f1
-> f1 integer

select (row(1, 'a')).f3
!! 42703 @9 could not identify column "f3" in record data type

select (1).a
!! 42809 @9 column notation .a applied to type integer, which is not a composite type

select (a).b from t
!! 42809 @9 column notation .b applied to type integer, which is not a composite type

select b.c from t
!! 42P01 @8 missing FROM-clause entry for table "b"

select t.b.c from t
!! 42P01 @8 missing FROM-clause entry for table "b"

select (select row(1, 2)).f1
!! 42703 @8 could not identify column "f1" in record data type

select s.r.f1 from (select row(1, 2) as r) s
!! 42P01 @8 missing FROM-clause entry for table "r"

select (s.r).f1 from (select row(1, 2) as r) s
-> f1 integer

select (s.r).f2 from (select row(1, 'x'::text) as r) s
-> f2 text

select s from (select 1 as a, 'x' as b) s
-> s record

select s.b from (select 1 as a, 'x' as b) s
-> b text

select (s).b from (select 1 as a, 'x' as b) s
-> b text

select "?column?" from (select 1) s
-> ?column? integer

select column1 from (values (1)) s
-> column1 integer

select ctid2 from t
!! 42703 @8 column "ctid2" does not exist

select f1 from (select row(1)) r
!! 42703 @8 column "f1" does not exist

select t.a as "A b", b "c" from t
-> A b integer, c text

select a b from t
-> b integer

select current_date from t
-> current_date date

select "é" from t
!! 42703 @8 column "é" does not exist

select 'ä', x from t
!! 42703 @13 column "x" does not exist

select a from only t
-> a integer

select "a" "b" from t as "t" where "t"."a" = 1
-> b integer
