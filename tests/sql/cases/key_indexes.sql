-- the index of a primary key is called as its constraint is
create table account (id integer primary key, name text);
create table other (id integer primary key);
alter index account_pkey rename to account_key;
select conname from pg_constraint where conrelid = 'account'::regclass;
select 'account_key'::regclass;
alter index account_key rename to other;
alter index account_pkey rename to nothing;
alter index if exists account_pkey rename to nothing;
drop index account_key;
drop index if exists account_key cascade;
drop index nosuch_key;
alter table account drop constraint account_key;
-- privileges on tables of the system
select has_table_privilege('pg_class', 'select'), has_table_privilege('pg_authid', 'select, update');
select has_table_privilege('pg_class'::regclass, 'select with grant option');
