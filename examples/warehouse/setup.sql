-- A small warehouse: a fact table by months, with what Cloudberry's users write, and the customers of a shop.
CREATE TABLE customers (
  id int PRIMARY KEY,
  name text NOT NULL,
  country text NOT NULL,
  changed date NOT NULL
);
COMMENT ON TABLE customers IS 'the last known state of each customer';

CREATE TABLE sales (
  id bigint NOT NULL,
  sold date NOT NULL,
  customer int NOT NULL,
  product text NOT NULL,
  quantity int NOT NULL CHECK (quantity <> 0),
  amount numeric(12, 2) NOT NULL
)
WITH (appendoptimized = true, orientation = column, compresstype = zstd)
DISTRIBUTED BY (id)
PARTITION BY RANGE (sold) (
  PARTITION m202601 START (date '2026-01-01') END (date '2026-02-01'),
  PARTITION m202602 START (date '2026-02-01') END (date '2026-03-01'),
  PARTITION m202603 START (date '2026-03-01') END (date '2026-04-01'),
  DEFAULT PARTITION other
);

INSERT INTO customers
SELECT i, 'customer ' || i, (ARRAY['de', 'fr', 'jp'])[1 + i % 3], date '2026-01-01' FROM generate_series(1, 30) AS i;

INSERT INTO sales
SELECT i, date '2026-01-01' + i % 90, 1 + i % 30, (ARRAY['apple', 'pear', 'plum', 'quince'])[1 + i % 4], 1 + i % 5,
       (1 + i % 5) * (ARRAY[1.10, 2.25, 0.80, 3.40])[1 + i % 4]
FROM generate_series(0, 8999) AS i;
