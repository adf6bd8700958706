-- Views of joins that have aliases.
create table j1 (a integer, b integer);
create table j2 (a integer, c integer);
insert into j1 values (1, 2), (3, 4);
insert into j2 values (1, 5), (3, 6);
create view joined as select * from (j1 join j2 using (a)) as y;
select * from joined order by a;
create view both_names as select * from (j1 join j2 using (a) as x) as y;
select * from both_names order by a;
create view natural_one as select * from (j1 natural join j2) j;
select * from natural_one order by a;
create view renamed as select * from (j1 cross join j2) j (aa, bb, cc, dd);
select * from renamed order by 1, 3;
create view nested as select * from (select * from (j1 cross join j2) same (p, q, r, s)) ss, (j1 left join j2 on j1.a = j2.c) same (t, u, v, w) where p = 1 and r = 1 and t = 1;
select * from nested;
alter table j1 rename b to e;
select * from joined order by a;
select * from renamed order by 1, 3;
