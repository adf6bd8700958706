-- Outer joins by what is around them, and by queries.
select * from (values (1), (2)) v(r) left join lateral (select g from generate_series(1, v.r) g) s on v.r + s.g < 4 order by 1, 2;
select * from (values (1), (2)) v(r) left join lateral (select g from generate_series(1, v.r) g) s on s.g between v.r and 5 order by 1, 2;
select * from (values (1), (2)) v(r), lateral (select * from (values (1), (5)) b(f) left join (values (1, 2), (1, 1)) c(q, p) on b.f = q and v.r = p) ss order by 1, 2;
select r, (select count(c.q) from (values (1), (2)) b(f) left join (values (1), (3)) c(q) on b.f = c.q and v.r > 1) from (values (1), (2)) v(r) order by r;
select x, y from (values (1), (2)) a(x) left join (values (1), (3)) b(y) on x in (select z from (values (1), (b.y)) c(z)) order by 1, 2;
select x, y from (values (1), (2)) a(x) left join (values (1), (3)) b(y) on exists (select 1 from (values (1)) c(z) where z = a.x) order by 1, 2;
select x, y from (values (1), (2), (3)) a(x) right join (values (1), (2), (4)) b(y) on x = y and y not in (select z from (values (2), (5)) c(z)) order by 2;
select x, y from (values (1), (2)) a(x) left join (values (1), (2)) b(y) on x = y and (x, 3) in (select z, 3 from (values (2)) c(z)) order by 1;
select x, y from (values (1), (2)) a(x) left join (values (1), (2)) b(y) on x = y and y = (select max(z) from (values (2)) c(z)) order by 1;
