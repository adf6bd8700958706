-- Foreign keys of types that tables hold as texts: what a statement has changed is compared by value.
create table mp (c macaddr primary key);
insert into mp values ('08:00:2b:01:02:03'), ('08:00:2b:01:02:04');
create table mf (c macaddr references mp on update cascade on delete set null, n int);
insert into mf values ('00:00:00:00:00:01');
insert into mf values ('08:00:2b:01:02:03', 1), ('08:00:2b:01:02:04', 2);
update mp set c = '08:00:2b:01:02:05' where c = '08:00:2b:01:02:03';
delete from mp where c = '08:00:2b:01:02:04';
select * from mf order by n;
create table ip (c inet, d timetz, unique (c, d));
insert into ip values ('10.0.0.1', '12:00+00');
create table of_ip (c inet, d timetz, foreign key (c, d) references ip (c, d) on update cascade);
insert into of_ip values ('10.0.0.1', '12:00+00');
insert into of_ip values ('10.0.0.2', '12:00+00');
insert into of_ip values (null, '12:00+00');
update ip set d = '13:00+02';
select * from of_ip order by c;
delete from ip;
create table jp (j jsonb unique, i interval unique, r int4range unique, n numeric unique, u uuid unique, m money unique,
                 b bit(3) unique, t time unique);
insert into jp values ('{"a":1.50}', '1 mon', '[1,3)', '1.50', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '1.5', '101', '12:00');
create table of_jp (j jsonb references jp (j), i interval references jp (i), r int4range references jp (r),
                    n numeric references jp (n), u uuid references jp (u), m money references jp (m),
                    b bit(3) references jp (b), t time references jp (t));
insert into of_jp values ('{"a":1.5}', '30 days', '[1,2]', '1.5', 'A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11', '1.50', '101', '12:00:00');
insert into of_jp (j) values ('{"a":1.6}');
insert into of_jp (i) values ('31 days');
insert into of_jp (r) values ('[1,4)');
insert into of_jp (n) values ('1.51');
insert into of_jp (u) values ('b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
insert into of_jp (m) values ('1.51');
insert into of_jp (b) values ('111');
insert into of_jp (t) values ('12:01');
delete from jp;
update jp set n = 1.500;
update jp set n = 1.6;
select * from of_jp;
create table excluded_pairs (c inet, i interval, exclude using btree (c with =, i with =));
insert into excluded_pairs values ('10.0.0.1', '1 mon');
insert into excluded_pairs values ('10.0.0.1', '30 days');
insert into excluded_pairs values ('10.0.0.2', '30 days');
create table put_off (n numeric unique deferrable initially deferred);
insert into put_off values (1.5);
insert into put_off values (1.50);
