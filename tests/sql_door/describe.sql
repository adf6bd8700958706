CREATE TABLE plain (
  id int PRIMARY KEY, name varchar(20) NOT NULL, price numeric(10,2) DEFAULT 1.5, note text DEFAULT 'x',
  at timestamp(3), c char(5), b boolean DEFAULT true, ts timestamptz DEFAULT now(), tags text[], CHECK (id > 0));
CREATE TABLE sales (id int, sold date NOT NULL, amount numeric(10,2)) PARTITION BY RANGE (sold);
CREATE TABLE sales_2025 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales_2026 PARTITION OF sales FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (id);
CREATE TABLE sales_2026_1 PARTITION OF sales_2026 FOR VALUES IN (1, 2);
CREATE TABLE sales_rest PARTITION OF sales DEFAULT;
CREATE TABLE "Mixed" (a int, b text, PRIMARY KEY (a, b)) PARTITION BY HASH (a);
CREATE TABLE mixed_0 PARTITION OF "Mixed" FOR VALUES WITH (modulus 2, remainder 0);
CREATE TABLE empty (a int, b text) PARTITION BY RANGE (lower(b), a);
\d
\dt
\dt sal*
\dt public.*
\dt nothing*
\di
\dv
\ds
\dm
\dE
\dP
\dPn
\dPt
\dPi
\d plain
\d+ plain
\d plain_pkey
\d sales
\d+ sales
\d sales_2025
\d+ sales_2025
\d sales_2026
\d+ sales_2026
\d+ sales_2026_1
\d sales_rest
\d+ sales_rest
\d "Mixed"
\d+ "Mixed"
\d mixed_0
\d "Mixed_pkey"
\d empty
\d+ empty
\d nowhere
\du
\df
\da
\do
\dd
\dy
\dD
\dc
\dO
\dp empty
\dRp
\sv nowhere
\ddp
