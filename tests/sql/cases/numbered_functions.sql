-- WITH ORDINALITY of functions that the database has made.
create table counted (id int, name text);
insert into counted values (1, 'one'), (2, 'two'), (3, 'three');
create function names_from(lowest int) returns setof text language sql as 'select name from counted where id >= lowest order by id desc';
create function rows_from(lowest int) returns setof counted language sql as 'select * from counted where id >= lowest order by id';
create function one_name(which int) returns text language sql as 'select name from counted where id = which';
create function pairs_of(which int) returns table (a int, b text) strict language sql as 'select id, name from counted where id = which';
select * from names_from(2) with ordinality;
select * from names_from(2) with ordinality as t(name, place) where place = 2;
select t.*, t.ordinality from rows_from(2) with ordinality t;
select * from one_name(3) with ordinality as n(v, o);
select * from pairs_of(null) with ordinality;
select v.x, t.n, t.o from (values (2), (3)) v(x), names_from(v.x) with ordinality t(n, o) order by 1, 3;
select v.x, t.o from (values (3), (4)) v(x) left join lateral names_from(v.x) with ordinality t(n, o) on true order by 1, 2;
