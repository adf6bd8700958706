create table itest (a integer generated always as identity, b text);
alter table itest alter column a type text;
alter table itest alter column a type numeric using a::numeric;
alter table itest alter column a type bigint;
insert into itest (b) values ('x') returning *;
