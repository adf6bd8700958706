CREATE TABLE account (id integer PRIMARY KEY, email text UNIQUE, a integer, b integer);
CREATE UNIQUE INDEX account_ab ON account (a DESC, b) INCLUDE (email);
CREATE TABLE visit (id integer, day date, UNIQUE (id, day)) PARTITION BY RANGE (day);
CREATE TABLE visit_2026 PARTITION OF visit FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
\d account
\d account_ab
\d visit
\d visit_2026
\d visit_id_day_key
\di account*
\dPi visit*
