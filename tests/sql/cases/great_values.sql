-- Calls that make great values of small ones.
select array_fill(7, array[3]), array_fill(null::text, array[2]), array_fill('a b'::text, array[2]), array_fill(1.50, array[2]), array_fill(7, '{}'::int[]), array_fill(7, array[0]), array_fill(row(1, 'x'), array[2]);
select i, array_fill(i, array[i]), array_fill(repeat('long text ', i), array[i]) from generate_series(0, 3) i order by i;
select cardinality(array_fill(0, array[1000000])), (array_fill(5, array[1000000]))[1000000];
select array_fill(7, array[134217728]);
select array_fill(7, array[-1]);
select array_fill(7, null::int[]);
select array_fill(7, array[null]::int[]);
select lpad('x', 10, 'äb'), rpad('x', 10, 'äbc'), lpad('x', 5, ''), rpad('xyz', 2, 'ab'), lpad('', 7, 'abc'), rpad('x', 1, 'ab'), lpad('x', 2, 'äöü');
select length(lpad('x', 1000000, 'äb')), octet_length(rpad('x', 1000000, 'äbc'));
select 5::bit(4), (-1)::bit(70), pg_catalog.bit(5, 2147483647), pg_catalog.bit(5, 0);
-- Texts of "char" and of what a cast to text shows.
select i, "char"(i), "char"(i) = '' from generate_series(-2, 1) i where i <> 1 order by i;
select c, c::text, length(c::text) from (values ('a'::"char"), ('')) v(c);
select quote_literal(true), quote_nullable(false), quote_literal('10.0.0.1'::inet), quote_literal('10.0.0.0/8'::cidr), quote_literal(1.50), quote_literal(null::bool), quote_nullable(null::inet), quote_literal('ab'::char(4));
