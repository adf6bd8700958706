-- What the fields of whole rows are called.
create table pairs (q1 int, q2 int);
insert into pairs values (1, 2);
create view pair_view as select q1 as a, q2 as b from pairs;
select row_to_json(p) from pairs p;
select row_to_json(p) from pairs p(x, y);
select row_to_json(p) from pair_view p(x, y);
select row_to_json(s) from (select q1 as u, q2 from pairs) s(x);
select row_to_json(j.*), j from (pairs join (values (1, 5)) v(q1, k) using (q1)) j;
select row_to_json(x.*) from pairs join (values (1, 5)) v(q1, k) using (q1) as x;
select * from (pairs join (values (1, 5)) v(q1, k) using (q1) as x) as xx where x.q1 = 1;
select xx.* from (pairs join (values (1, 5)) v(q1, k) using (q1) as x) as xx where xx.q1 = 1;
select row_to_json(row(1, 2));
select (p).x from pairs p(x, y);
create temp table department (id int primary key, parent int references department, name text);
insert into department values (0, null, 'root'), (1, 0, 'a');
insert into department values (2, 7, 'lost');
update department set id = 5 where id = 0;
