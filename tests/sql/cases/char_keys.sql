-- "char" with quotes is a type of its own.
create function first_of(p "char") returns "char" language sql as 'select p';
select first_of('a'), pg_get_functiondef('first_of'::regproc);
create table spread (c "char") partition by hash (c);
create table spread_0 partition of spread for values with (modulus 3, remainder 0);
create table spread_1 partition of spread for values with (modulus 3, remainder 1);
create table spread_2 partition of spread for values with (modulus 3, remainder 2);
insert into spread select chr(n)::"char" from generate_series(33, 126) n;
insert into spread values ('');
select tableoid::regclass, count(*), sum(ascii(c::text)) from spread group by 1 order by 1;
select * from spread where c = 'q';
create table ranged (c "char") partition by range (c);
create table ranged_a partition of ranged for values from ('a') to ('m');
insert into ranged values ('b');
insert into ranged values ('m');
create table documents (d json primary key);
create table documents (d json unique);
create table documents (d json) partition by range (d);
create type of_documents as range (subtype = json);
