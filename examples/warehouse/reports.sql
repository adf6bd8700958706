-- What the warehouse is asked.
\echo Months and countries, with their sums.
SELECT coalesce(to_char(date_trunc('month', s.sold), 'FMMonth YYYY'), 'all') AS month, coalesce(c.country, 'all') AS country,
       count(*) AS sales, to_char(sum(s.amount), 'FM999,990.00') AS amount
FROM sales s JOIN customers c ON c.id = s.customer
WHERE s.sold >= '2026-03-01'
GROUP BY GROUPING SETS ((date_trunc('month', s.sold), c.country), (date_trunc('month', s.sold)), ())
ORDER BY grouping(date_trunc('month', s.sold)), date_trunc('month', s.sold), grouping(c.country), c.country;

\echo The best two products of each month, and their part of it.
SELECT month, product, amount, to_char(100 * share, 'FM990.0%') AS share
FROM (SELECT to_char(sold, 'YYYY-MM') AS month, product, sum(amount) AS amount,
             sum(amount) / sum(sum(amount)) OVER (PARTITION BY to_char(sold, 'YYYY-MM')) AS share,
             rank() OVER (PARTITION BY to_char(sold, 'YYYY-MM') ORDER BY sum(amount) DESC) AS place
      FROM sales GROUP BY to_char(sold, 'YYYY-MM'), product) AS ranked
WHERE place <= 2 ORDER BY month, place;

\echo Days of April that sold least, by a seventh-day mean.
SELECT to_char(sold, 'Dy DD') AS day, amount, round(avg(amount) OVER (ORDER BY sold ROWS 6 PRECEDING), 2) AS mean
FROM (SELECT sold, sum(amount) AS amount FROM sales WHERE sold BETWEEN '2026-04-01' AND '2026-04-30' GROUP BY sold) AS days
ORDER BY amount, sold LIMIT 3;

\echo A question for a month reads its partition alone.
EXPLAIN (COSTS OFF) SELECT sum(amount) FROM sales WHERE sold BETWEEN '2026-04-01' AND '2026-04-30';

\echo What lies where.
SELECT tableoid::regclass AS partition, count(*) AS rows, min(sold), max(sold) FROM sales GROUP BY tableoid ORDER BY min(sold);
