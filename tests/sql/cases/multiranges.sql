-- texts
select '{}'::int4multirange, '{[1,2),[5,7)}'::int4multirange, ' { [5,7) , [1,3] , empty } '::int4multirange, '{(,)}'::int4multirange, '{[1.50,2],(2,3)}'::nummultirange, '{[1,2),[2,5]}'::int8multirange, '{EMPTY}'::datemultirange;
select '{[2020-01-01,2020-02-01],["2020-03-01",)}'::datemultirange, '{[2020-01-01 00:00,2020-01-02)}'::tsmultirange, '{[2020-01-01 00:00+02,2020-01-02)}'::tstzmultirange;
select '{[1,2),}'::int4multirange;
select '{[1,2)'::int4multirange;
select '[1,2)'::int4multirange;
select '{[1,2)}x'::int4multirange;
select '{x}'::int4multirange;
select '{[1,2)[3,4)}'::int4multirange;
select '{[1,2,3)}'::int4multirange;
select '{[5,1)}'::int4multirange;
select '{[a,1)}'::int4multirange;
select ''::int4multirange;
-- made of ranges
select int4multirange(), int4multirange(int4range(1, 5)), int4multirange(int4range(1, 5), int4range(3, 8), int4range(10, 12)), int4multirange(int4range('empty')), nummultirange(numrange(1.0, 2.5), numrange(7, null)), multirange(daterange('2020-01-01', '2020-02-01'));
select int8multirange(variadic array[int8range(1, 2), int8range(2, 3)]), tsmultirange(tsrange('2020-01-01', '2020-02-01')), tstzmultirange(tstzrange('2020-01-01+00', '2020-02-01+00')), datemultirange(daterange('2020-01-01', '2020-02-01', '[]'));
select int4multirange(int4range(1, 2), null);
select int4multirange(variadic array[[int4range(1, 2)], [int4range(5, 6)]]);
select int4multirange(null::int4range), int4multirange(variadic null::int4range[]);
select int4range(1, 5)::int4multirange, numrange(1, 2)::nummultirange, 'empty'::daterange::datemultirange, '{[1,2)}'::text::int4multirange, int4multirange(int4range(1, 3))::text;
-- bounds
select lower(m), upper(m), isempty(m), lower_inc(m), upper_inc(m), lower_inf(m), upper_inf(m), range_merge(m) from (values ('{}'::nummultirange), ('{[1,2)}'), ('{(1,2],[5,7]}'), ('{(,3)}'), ('{[3,)}'), ('{(,1),(5,)}'), (null)) v(m);
-- operators
select m @> 3, m @> int4range(2, 4), m @> '{[1,2),[8,9)}'::int4multirange, 3 <@ m, int4range(1, 3) <@ m, '{[1,3)}'::int4multirange <@ m, m @> 'empty'::int4range, m @> '{}'::int4multirange from (values ('{}'::int4multirange), ('{[1,5)}'), ('{[1,5),[8,12)}'), (null)) v(m);
select int4range(1, 10) @> m, m <@ int4range(1, 10), 'empty'::int4range @> m, m <@ 'empty'::int4range from (values ('{}'::int4multirange), ('{[1,5)}'), ('{[1,5),[8,12)}')) v(m);
select m && int4range(4, 6), int4range(5, 8) && m, m && '{[5,6),[11,13)}'::int4multirange, m && '{}'::int4multirange, m && 'empty'::int4range from (values ('{}'::int4multirange), ('{[1,5)}'), ('{[1,5),[8,12)}')) v(m);
select m << int4range(12, 20), int4range(-5, 1) << m, m << '{[12,13)}'::int4multirange, m >> int4range(-5, 1), int4range(12, 20) >> m, m >> '{[-3,0)}'::int4multirange from (values ('{}'::int4multirange), ('{[1,5)}'), ('{[1,5),[8,12)}')) v(m);
select m &< int4range(1, 12), int4range(1, 5) &< m, m &< '{[1,2),[3,12)}'::int4multirange, m &> int4range(1, 2), int4range(1, 5) &> m, m &> '{[0,2)}'::int4multirange from (values ('{}'::int4multirange), ('{[1,5)}'), ('{[1,5),[8,12)}')) v(m);
select m -|- int4range(12, 20), int4range(5, 8) -|- m, m -|- '{[-3,1)}'::int4multirange, m -|- '{}'::int4multirange, '{[1,2]}'::nummultirange -|- numrange(2, 3, '()') from (values ('{}'::int4multirange), ('{[1,5)}'), ('{[1,5),[8,12)}')) v(m);
select a + b, a * b, a - b, b - a from (values ('{}'::int4multirange, '{[1,5)}'::int4multirange), ('{[1,5),[8,12)}', '{[3,9)}'), ('{[1,20)}', '{[2,3),[5,7),[18,25)}'), ('{(,)}', '{[2,3),[5,7)}'), ('{[1,3),[5,7),[9,11)}', '{[2,10)}'), ('{[1,2)}', '{[2,3)}'), (null, '{[1,2)}')) v(a, b);
select '{[1.5,2.5],(7,)}'::nummultirange - '{[2,2],(8,9)}', '{[1,2),(2,3)}'::nummultirange + '{[2,2]}', '{[1,5]}'::nummultirange * '{(,2),(3,4]}';
-- order and equality
select m from (values ('{[1,5)}'::int4multirange), ('{}'), ('{[1,5),[8,9)}'), ('{(,3)}'), ('{[1,)}'), ('{[0,1)}'), (null), ('{[1,5),[7,9)}')) v(m) order by m;
select a = b, a <> b, a < b, a <= b, a > b, a >= b from (values ('{[1,2)}'::nummultirange, '{[1.0,2.00)}'::nummultirange), ('{}', '{[1,2)}'), ('{[1,2),[3,4)}', '{[1,2)}')) v(a, b);
select m, count(*) from (values ('{[1,2)}'::nummultirange), ('{[1.0,2)}'), ('{}'), ('{}')) v(m) group by m order by 2, m;
select distinct m from (values ('{[1,2),[5,6)}'::int4multirange), ('{[5,6),[1,2)}'), (null), (null)) v(m) order by m;
-- aggregates and unnest
select range_agg(r), range_agg(r) filter (where r @> 3), range_agg(r) filter (where false) from (values (int4range(1, 3)), (int4range(3, 5)), (null), (int4range(9, 12)), ('empty')) v(r);
select range_agg(m), range_intersect_agg(m) from (values ('{[1,10)}'::int4multirange), ('{[2,4),[6,12)}'), (null)) v(m);
select range_agg(null::int4range), range_intersect_agg(null::nummultirange), range_agg('empty'::int4range);
select k, range_agg(r) from (values (1, numrange(1, 2)), (1, numrange(2, 3)), (2, numrange(5, 6))) v(k, r) group by k order by k;
select unnest('{[1,5),[8,12)}'::int4multirange);
select * from unnest('{[1.5,5),[8,)}'::nummultirange) with ordinality as u(r, n);
select unnest('{}'::int4multirange), 1;
-- columns
create table multiranges_a (k int primary key, m int4multirange, n nummultirange, d datemultirange, a int4multirange[]);
insert into multiranges_a values (1, '{[1,5),[8,9]}', '{[1.0,2.50)}', '{[2020-01-01,2020-02-01]}', '{"{[1,2)}","{}"}'), (2, '{}', null, '{(,)}', '{}'), (3, int4multirange(int4range(1, 5), int4range(8, 10)), nummultirange(numrange(1, 2.5)), null, null);
select * from multiranges_a order by k;
select k from multiranges_a where m = '{[1,5),[8,10)}' order by k;
select count(distinct m), count(distinct n), max(k) from multiranges_a;
select x.k, y.k from multiranges_a x join multiranges_a y on x.n = y.n where x.k < y.k;
update multiranges_a set m = m + '{[20,30)}' where m @> 8 returning k, m;
create table multiranges_u (m int4multirange unique);
insert into multiranges_u values ('{[1,2)}'), ('{[3,4)}');
insert into multiranges_u values ('{[1,1]}');
create table multiranges_h (m nummultirange) partition by hash (m);
create table multiranges_h0 partition of multiranges_h for values with (modulus 3, remainder 0);
create table multiranges_h1 partition of multiranges_h for values with (modulus 3, remainder 1);
create table multiranges_h2 partition of multiranges_h for values with (modulus 3, remainder 2);
insert into multiranges_h values ('{}'), ('{[1,2)}'), ('{[1.0,2.0)}'), ('{(,5],[7,)}'), ('{(1,2),(3,4),(5,6)}'), ('{(,)}');
select tableoid::regclass, m from multiranges_h order by m, m::text;
-- types and calls that do not fit
select 1 + '{[1,2)}'::int4multirange;
select '{[1,2)}'::int4multirange + '{[1,2)}'::int8multirange;
select '{[1,2)}'::int4multirange @> 'a'::text;
select multirange(1);
select lower('{[1,2)}'::int4multirange) + 1, pg_typeof(range_merge('{[1,2)}'::nummultirange)), pg_typeof(multirange(numrange(1, 2))), pg_typeof(lower('{[2020-01-01,)}'::datemultirange)), to_jsonb('{[1,2)}'::int4multirange), array['{[1,2)}'::int4multirange, '{}'], row('{[1,2),[4,5)}'::int4multirange);
select rngtypid::regtype, rngsubtype::regtype, rngmultitypid::regtype from pg_range order by 1;
select typname, typtype, typcategory, typlen, typelem, typinput, typoutput, typarray::regtype from pg_type where typname in ('int4multirange', '_nummultirange', 'anymultirange') order by 1;
