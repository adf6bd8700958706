-- Numerics of 17 to 40 digits, as quotients have them: where 128 bits are enough, and where they are one digit too few.
create table long_numerics (id int, n numeric, d numeric(38,10));
insert into long_numerics select i, i / 7.0, i / 3.0 from generate_series(1, 40) g(i);
insert into long_numerics select 100 + i, (case when i % 2 = 0 then -1 else 1 end) * 10::numeric ^ i / 3, i from generate_series(0, 27) g(i);
insert into long_numerics values
  (200, 99999999999999999999999999999999999999, 0),
  (201, 0.99999999999999999999999999999999999999, 0),
  (202, -170141183460469231731687303715884105728, 0),
  (203, 170141183460469231731687303715884105727, 0),
  (204, 0.00000000000000000000000000000000000001, null),
  (205, 12345678901234567.5, null),
  (206, -12345678901234567.50000000000000000, null),
  (207, '-0.00000000000000000000', null),
  (208, null, null);
select count(*), sum(n), avg(n), min(n), max(n) from long_numerics where id < 100;
select sum(n), avg(n) from long_numerics where id between 100 and 199;
select sum(n), sum(n) filter (where id in (200, 203)), sum(n) filter (where id in (201, 204)) from long_numerics where id >= 200;
select id % 3, sum(n), stddev(n), variance(d) from long_numerics where id < 100 group by 1 order by 1;
select id, n, n * 2, n + d, n - d, n * d from long_numerics where id in (1, 22, 40, 103, 127) order by id;
select id, n / 3, 1 / nullif(n, 0), d / 7, n % 3, div(n, 0.7) from long_numerics where id in (1, 39, 100, 113, 126, 200, 201, 202, 203, 204, 206) order by id;
select id, round(n, 2), round(n), trunc(n, 3), trunc(n), ceil(n), floor(n), trim_scale(n), min_scale(n), scale(n) from long_numerics where id in (7, 13, 101, 120, 201, 204, 205, 206, 207) order by id;
select round(n, -3), round(n, 30), trunc(n, -2), trunc(n, 25) from long_numerics where id in (20, 111, 200, 205) order by id;
select n::float8, d::float8, (n * 1000)::int4 from long_numerics where id in (5, 21, 38) order by id;
select id, n::int8 from long_numerics where id in (33, 118, 205, 206) order by id;
select n::int8 from long_numerics where id = 200;
select n::int4 from long_numerics where id = 205;
select n::numeric(10,4), n::numeric(20,18), n::numeric(4,0), n::numeric(5,-1) from long_numerics where id in (2, 35) order by id;
select n::numeric(38,20) from long_numerics where id = 203;
select n::numeric(3,2) from long_numerics where id = 100 union all select 9.994999999999999999999::numeric(3,2);
select 9.995000000000000000000::numeric(3,2);
select id from long_numerics where n > 5.1428571428571428 and n <= 5.7142857142857143 order by n;
select id, n from long_numerics where n = 1 or n = 12345678901234567.5 or n = 0 order by id;
select 9007199254740993.0::float8, 9007199254740993::numeric::float8, 0.1234567890123456789::float8, 4503599627370496.5::numeric::float8, 1e-22::numeric::float8, 1e-23::numeric::float8;
select n / 0 from long_numerics where id = 3;
select 99999999999999999999999999999999999999::numeric + 1, 170141183460469231731687303715884105727::numeric * 2, -170141183460469231731687303715884105728::numeric / -1, 12345678901234567890123456789012345678::numeric / 9;
select sum(x), avg(x) from (values (1e30::numeric), (1e-30), (-1e30)) v(x);
select 1.5::numeric / 3, 2 / 3.0, 10.00 / 4, 0.000001 / 3, 1e20::numeric / 3, -7 / 2.0, 1 / 1e16::numeric, 1e-10 / 1e10::numeric;
