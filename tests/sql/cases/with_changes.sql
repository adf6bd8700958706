-- Queries of WITH that change tables, and those that read them or are read by them.
create table stock (id int primary key, n int);
create table moved (id int, n int);
insert into stock values (1, 10), (2, 20), (3, 30);
with gone as (delete from stock where id = 1 returning *), sum as (select sum(n) as total from gone) select * from sum;
with big as (select id from stock where n > 20), gone as (delete from stock where id in (select id from big) returning *) select *, (select count(*) from big) from gone;
with gone as (delete from stock returning id, n), more as (select id, n + 1 as n from gone), added as (insert into moved select * from more returning n) select n, (select count(*) from stock) from added;
select * from moved;
with recursive t (a) as (select 4 union all select a + 1 from t where a < 6), added as (insert into stock select a, a * 10 from t returning *) select * from added order by id;
with given as (select 5 as k, 55 as v), changed as (insert into stock values (5, 0) on conflict (id) do update set (id, n) = (select k, v from given where given.k = stock.id) returning *) select * from changed;
with a as (select 7 as x), b as (select x + 1 as y from a), added as (insert into stock (id) select y from b union all select x from a returning id), c as (select max(id) as most from added) select most, (select x from a) from c;
with a as materialized (select id from stock where id > 5), up as (update stock set n = -1 where id in (select id from a) returning id), down as (delete from moved using a where a.id > moved.id returning moved.id) select (select count(*) from up), (select count(*) from down), (select count(*) from stock where n = -1);
select * from stock order by id;
-- A query of WITH does not hide the table that is changed.
with stock as (select 9 as id) insert into stock select id from stock returning *;
with stock as (select 9 as id) update stock set n = 0 where id = 9 returning *;
with nothing as (select 1) insert into nothing values (1);
-- What is volatile is computed once.
create sequence numbers;
with fresh as (select nextval('numbers') as k), one as (insert into moved select k, 1 from fresh returning id), two as (insert into moved select k, 2 from fresh returning id) select (select k from fresh), (select id from one), (select id from two), (select count(*) from moved where id = 1);
with picked as (select id from stock where n = -1 order by id limit 2 for update), up as (update stock set n = 0 from picked where stock.id = picked.id returning stock.id) select count(*) from up join picked using (id);
-- Of several changes of one row only the first is made.
create table twice (id int primary key, n int) partition by range (id);
create table twice_low partition of twice for values from (0) to (10);
create table twice_high partition of twice for values from (10) to (100);
create table listed (id int, n int);
insert into twice values (1, 1), (2, 2), (11, 11);
insert into listed values (1, 1), (2, 2);
with a as (update twice set n = n + 100 where id = 1 returning n), b as (update twice set n = n + 1000 where id < 3 returning id, n) select 'a' as change, null as id, n from a union all select 'b', id, n from b;
select * from twice order by id;
with a as (delete from twice where id = 1 returning *), b as (update twice set n = -1 where id = 1 returning *) select (select count(*) from a), (select count(*) from b);
with a as (update twice set id = 12, n = 0 where id = 2 returning *), b as (delete from twice where id = 2 returning *) select (select count(*) from a), (select count(*) from b);
with a as (update twice set n = 5 where id = 11 returning *) update twice set n = 6 from a where twice.n = 11 returning *;
select * from twice order by id;
with a as (update listed set n = 5 where id = 1 returning *), b as (update listed set n = n + 7 returning *) select * from a union all select * from b;
select * from listed order by id;
with a as (update twice set n = 8 where id = 11 returning *) merge into twice t using a on t.id = a.id when matched then delete;
with a as (update twice set n = 9 where id = 12 returning *) insert into twice select 12, 1 from a on conflict (id) do update set n = 10;
select * from twice order by id;
