select array_agg(x) from (values ('{1,2}'::int[]), ('{3}')) v(x);
select array_agg(x) from (values ('{1,2}'::int[]), ('{3,4}')) v(x);
select array_agg(x) from (values ('{1,2}'::int[]), (null)) v(x);
select array_agg(x) from (values ('{}'::int[]), ('{1}')) v(x);
create domain pair as int[2] check (value[1] < value[2]);
select array[2,1]::pair;
select array[1,2]::pair, '{1,2}'::pair;
select '{2,1}'::pair;
drop domain pair;
