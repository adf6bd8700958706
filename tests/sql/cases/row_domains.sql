-- Domains over composite types compare as rows do.
create type pair as (a int, b text);
create domain good as pair check ((value).a > 0);
create table held (c pair, d good, n int);
insert into held values (row(1, 'a'), row(1, 'b'), 1), (row(2, null), row(2, 'c'), 2), (null, null, 3);
select c = c, d = d, c < row(2, 'a')::pair, d = row(1, 'b')::good, d = row(1, 'b')::pair, c <> d from held order by n;
select distinct d from held order by d;
select min(n), d from held group by d order by d desc nulls last;
select count(*) from held a join held b on a.d = b.d;
select n from held where d in (row(1, 'b')::good, row(5, 'x')::good);
select n from held where d is distinct from row(1, 'b')::good order by n;
select array_agg(d order by n) = array_agg(d order by n) from held;
