-- A domain over an array, whose elements its constraint names.
create domain ascending as int[2] check (value[1] < value[2]);
select array[1, 2]::ascending;
select array[2, 1]::ascending;
create table pairs (id int primary key, pair ascending);
insert into pairs values (1, array[1, 2]);
insert into pairs values (2, array[2, 1]);
insert into pairs values (2, '{5,5}');
update pairs set pair[2] = 0;
update pairs set pair[2] = 3;
select * from pairs;
alter domain ascending add constraint small check (value[2] < 3);
alter domain ascending add constraint small check (value[2] < 4);
insert into pairs values (3, '{1,9}');
