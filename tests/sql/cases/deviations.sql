select stddev_pop(b::numeric), stddev_samp(b::numeric), variance(b::numeric) from (values (324.78), (7.8), (99.097), (0.09561), (42)) v(b);
select stddev_pop(n::bigint), stddev(n::int), stddev(n::smallint), stddev_samp(n::numeric) from (values (600),(470),(170),(430),(300)) r(n);
select stddev(x), stddev(x*1000000), stddev(x/1000000.0), stddev_pop(x / 3.0) from generate_series(1,7) x;
select i, stddev_pop(n) over (order by i rows between current row and unbounded following) from (values (1, 600), (2, 470), (3, 170), (4, 430)) r(i, n) order by i;
