-- INSERT into several parts of one column.
create type part as (a int, b text);
create type whole as (n int, p part);
create table parted (i int, r int[], c part, w whole);
insert into parted (i, r[1], r[2]) values (1, 10, 20);
insert into parted (i, c.a, c.b) values (2, 5, 'five'), (3, 6, 'six');
insert into parted (w.p.b, i, w.n, w.p.a) select 'x', 4, 7, 8;
insert into parted (r[1], i, r[2]) select g, 5, g + 1 from generate_series(1, 2) g;
insert into parted (i, r[1], r[2]) values (6, 1, default);
insert into parted (i, r, r[1]) values (6, '{1}', 2);
insert into parted (i, r[1], r) values (6, 2, '{1}');
insert into parted (i, i) values (1, 2);
insert into parted (i, c.a, c.b) values (2, 5);
select * from parted order by i, r;
