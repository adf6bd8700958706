select 1::smallint + 1::smallint
-> ?column? smallint

select 1::smallint + 1
-> ?column? integer

select 1::smallint + 1::bigint
-> ?column? bigint

select 1::smallint + 1.5
-> ?column? numeric

select 1::smallint + 1::real
-> ?column? double precision

select 1::smallint + 1::float8
-> ?column? double precision

select 1::smallint + 'a'::text
!! 42883 @20 operator does not exist: smallint + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::smallint + 'a'::varchar
!! 42883 @20 operator does not exist: smallint + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::smallint + '1'
-> ?column? smallint

select 1::smallint + date '2020-01-01'
-> ?column? date

select 1::smallint + timestamp '2020-01-01'
!! 42883 @20 operator does not exist: smallint + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::smallint + timestamptz '2020-01-01'
!! 42883 @20 operator does not exist: smallint + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::smallint + interval '1 day'
!! 42883 @20 operator does not exist: smallint + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::smallint + time '10:00'
!! 42883 @20 operator does not exist: smallint + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::smallint + true
!! 42883 @20 operator does not exist: smallint + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::smallint + null
-> ?column? smallint

select 1 + 1::smallint
-> ?column? integer

select 1 + 1
-> ?column? integer

select 1 + 1::bigint
-> ?column? bigint

select 1 + 1.5
-> ?column? numeric

select 1 + 1::real
-> ?column? double precision

select 1 + 1::float8
-> ?column? double precision

select 1 + 'a'::text
!! 42883 @10 operator does not exist: integer + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + 'a'::varchar
!! 42883 @10 operator does not exist: integer + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + '1'
-> ?column? integer

select 1 + date '2020-01-01'
-> ?column? date

select 1 + timestamp '2020-01-01'
!! 42883 @10 operator does not exist: integer + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + timestamptz '2020-01-01'
!! 42883 @10 operator does not exist: integer + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + interval '1 day'
!! 42883 @10 operator does not exist: integer + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + time '10:00'
!! 42883 @10 operator does not exist: integer + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + true
!! 42883 @10 operator does not exist: integer + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + null
-> ?column? integer

select 1::bigint + 1::smallint
-> ?column? bigint

select 1::bigint + 1
-> ?column? bigint

select 1::bigint + 1::bigint
-> ?column? bigint

select 1::bigint + 1.5
-> ?column? numeric

select 1::bigint + 1::real
-> ?column? double precision

select 1::bigint + 1::float8
-> ?column? double precision

select 1::bigint + 'a'::text
!! 42883 @18 operator does not exist: bigint + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + 'a'::varchar
!! 42883 @18 operator does not exist: bigint + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + '1'
-> ?column? bigint

select 1::bigint + date '2020-01-01'
!! 42883 @18 operator does not exist: bigint + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + timestamp '2020-01-01'
!! 42883 @18 operator does not exist: bigint + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + timestamptz '2020-01-01'
!! 42883 @18 operator does not exist: bigint + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + interval '1 day'
!! 42883 @18 operator does not exist: bigint + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + time '10:00'
!! 42883 @18 operator does not exist: bigint + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + true
!! 42883 @18 operator does not exist: bigint + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint + null
-> ?column? bigint

select 1.5 + 1::smallint
-> ?column? numeric

select 1.5 + 1
-> ?column? numeric

select 1.5 + 1::bigint
-> ?column? numeric

select 1.5 + 1.5
-> ?column? numeric

select 1.5 + 1::real
-> ?column? double precision

select 1.5 + 1::float8
-> ?column? double precision

select 1.5 + 'a'::text
!! 42883 @12 operator does not exist: numeric + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + 'a'::varchar
!! 42883 @12 operator does not exist: numeric + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + '1'
-> ?column? numeric

select 1.5 + date '2020-01-01'
!! 42883 @12 operator does not exist: numeric + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + timestamp '2020-01-01'
!! 42883 @12 operator does not exist: numeric + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + timestamptz '2020-01-01'
!! 42883 @12 operator does not exist: numeric + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + interval '1 day'
!! 42883 @12 operator does not exist: numeric + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + time '10:00'
!! 42883 @12 operator does not exist: numeric + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + true
!! 42883 @12 operator does not exist: numeric + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 + null
-> ?column? numeric

select 1::real + 1::smallint
-> ?column? double precision

select 1::real + 1
-> ?column? double precision

select 1::real + 1::bigint
-> ?column? double precision

select 1::real + 1.5
-> ?column? double precision

select 1::real + 1::real
-> ?column? real

select 1::real + 1::float8
-> ?column? double precision

select 1::real + 'a'::text
!! 42883 @16 operator does not exist: real + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + 'a'::varchar
!! 42883 @16 operator does not exist: real + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + '1'
-> ?column? real

select 1::real + date '2020-01-01'
!! 42883 @16 operator does not exist: real + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + timestamp '2020-01-01'
!! 42883 @16 operator does not exist: real + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + timestamptz '2020-01-01'
!! 42883 @16 operator does not exist: real + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + interval '1 day'
!! 42883 @16 operator does not exist: real + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + time '10:00'
!! 42883 @16 operator does not exist: real + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + true
!! 42883 @16 operator does not exist: real + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real + null
-> ?column? real

select 1::float8 + 1::smallint
-> ?column? double precision

select 1::float8 + 1
-> ?column? double precision

select 1::float8 + 1::bigint
-> ?column? double precision

select 1::float8 + 1.5
-> ?column? double precision

select 1::float8 + 1::real
-> ?column? double precision

select 1::float8 + 1::float8
-> ?column? double precision

select 1::float8 + 'a'::text
!! 42883 @18 operator does not exist: double precision + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + 'a'::varchar
!! 42883 @18 operator does not exist: double precision + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + '1'
-> ?column? double precision

select 1::float8 + date '2020-01-01'
!! 42883 @18 operator does not exist: double precision + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + timestamp '2020-01-01'
!! 42883 @18 operator does not exist: double precision + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + timestamptz '2020-01-01'
!! 42883 @18 operator does not exist: double precision + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + interval '1 day'
!! 42883 @18 operator does not exist: double precision + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + time '10:00'
!! 42883 @18 operator does not exist: double precision + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + true
!! 42883 @18 operator does not exist: double precision + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 + null
-> ?column? double precision

select 'a'::text + 1::smallint
!! 42883 @18 operator does not exist: text + smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + 1
!! 42883 @18 operator does not exist: text + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + 1::bigint
!! 42883 @18 operator does not exist: text + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + 1.5
!! 42883 @18 operator does not exist: text + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + 1::real
!! 42883 @18 operator does not exist: text + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + 1::float8
!! 42883 @18 operator does not exist: text + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + 'a'::text
!! 42883 @18 operator does not exist: text + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + 'a'::varchar
!! 42883 @18 operator does not exist: text + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + '1'
!! 42883 @18 operator does not exist: text + unknown HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + date '2020-01-01'
!! 42883 @18 operator does not exist: text + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + timestamp '2020-01-01'
!! 42883 @18 operator does not exist: text + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + timestamptz '2020-01-01'
!! 42883 @18 operator does not exist: text + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + interval '1 day'
!! 42883 @18 operator does not exist: text + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + time '10:00'
!! 42883 @18 operator does not exist: text + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + true
!! 42883 @18 operator does not exist: text + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text + null
!! 42883 @18 operator does not exist: text + unknown HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 1::smallint
!! 42883 @21 operator does not exist: character varying + smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 1
!! 42883 @21 operator does not exist: character varying + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 1::bigint
!! 42883 @21 operator does not exist: character varying + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 1.5
!! 42883 @21 operator does not exist: character varying + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 1::real
!! 42883 @21 operator does not exist: character varying + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 1::float8
!! 42883 @21 operator does not exist: character varying + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 'a'::text
!! 42883 @21 operator does not exist: character varying + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + 'a'::varchar
!! 42883 @21 operator does not exist: character varying + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + '1'
!! 42883 @21 operator does not exist: character varying + unknown HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + date '2020-01-01'
!! 42883 @21 operator does not exist: character varying + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + timestamp '2020-01-01'
!! 42883 @21 operator does not exist: character varying + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + timestamptz '2020-01-01'
!! 42883 @21 operator does not exist: character varying + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + interval '1 day'
!! 42883 @21 operator does not exist: character varying + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + time '10:00'
!! 42883 @21 operator does not exist: character varying + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + true
!! 42883 @21 operator does not exist: character varying + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::varchar + null
!! 42883 @21 operator does not exist: character varying + unknown HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' + 1::smallint
-> ?column? smallint

select '1' + 1
-> ?column? integer

select '1' + 1::bigint
-> ?column? bigint

select '1' + 1.5
-> ?column? numeric

select '1' + 1::real
-> ?column? real

select '1' + 1::float8
-> ?column? double precision

select '1' + 'a'::text
!! 42883 @12 operator does not exist: unknown + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' + 'a'::varchar
!! 42883 @12 operator does not exist: unknown + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' + '1'
!! 42725 @12 operator is not unique: unknown + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select '1' + date '2020-01-01'
!! 42725 @12 operator is not unique: unknown + date HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select '1' + timestamp '2020-01-01'
-> ?column? timestamp without time zone

select '1' + timestamptz '2020-01-01'
-> ?column? timestamp with time zone

select '1' + interval '1 day'
-> ?column? interval

select '1' + time '10:00'
-> ?column? time without time zone

select '1' + true
!! 42883 @12 operator does not exist: unknown + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' + null
!! 42725 @12 operator is not unique: unknown + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' + 1::smallint
-> ?column? date

select date '2020-01-01' + 1
-> ?column? date

select date '2020-01-01' + 1::bigint
!! 42883 @26 operator does not exist: date + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + 1.5
!! 42883 @26 operator does not exist: date + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + 1::real
!! 42883 @26 operator does not exist: date + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + 1::float8
!! 42883 @26 operator does not exist: date + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + 'a'::text
!! 42883 @26 operator does not exist: date + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + 'a'::varchar
!! 42883 @26 operator does not exist: date + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + '1'
!! 42725 @26 operator is not unique: date + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' + date '2020-01-01'
!! 42883 @26 operator does not exist: date + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + timestamp '2020-01-01'
!! 42883 @26 operator does not exist: date + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + timestamptz '2020-01-01'
!! 42883 @26 operator does not exist: date + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + interval '1 day'
-> ?column? timestamp without time zone

select date '2020-01-01' + time '10:00'
-> ?column? timestamp without time zone

select date '2020-01-01' + true
!! 42883 @26 operator does not exist: date + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' + null
!! 42725 @26 operator is not unique: date + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select timestamp '2020-01-01' + 1::smallint
!! 42883 @31 operator does not exist: timestamp without time zone + smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + 1
!! 42883 @31 operator does not exist: timestamp without time zone + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + 1::bigint
!! 42883 @31 operator does not exist: timestamp without time zone + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + 1.5
!! 42883 @31 operator does not exist: timestamp without time zone + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + 1::real
!! 42883 @31 operator does not exist: timestamp without time zone + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + 1::float8
!! 42883 @31 operator does not exist: timestamp without time zone + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + 'a'::text
!! 42883 @31 operator does not exist: timestamp without time zone + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + 'a'::varchar
!! 42883 @31 operator does not exist: timestamp without time zone + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + '1'
-> ?column? timestamp without time zone

select timestamp '2020-01-01' + date '2020-01-01'
!! 42883 @31 operator does not exist: timestamp without time zone + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + timestamp '2020-01-01'
!! 42883 @31 operator does not exist: timestamp without time zone + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + timestamptz '2020-01-01'
!! 42883 @31 operator does not exist: timestamp without time zone + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + interval '1 day'
-> ?column? timestamp without time zone

select timestamp '2020-01-01' + time '10:00'
-> ?column? timestamp without time zone

select timestamp '2020-01-01' + true
!! 42883 @31 operator does not exist: timestamp without time zone + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' + null
-> ?column? timestamp without time zone

select timestamptz '2020-01-01' + 1::smallint
!! 42883 @33 operator does not exist: timestamp with time zone + smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + 1
!! 42883 @33 operator does not exist: timestamp with time zone + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + 1::bigint
!! 42883 @33 operator does not exist: timestamp with time zone + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + 1.5
!! 42883 @33 operator does not exist: timestamp with time zone + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + 1::real
!! 42883 @33 operator does not exist: timestamp with time zone + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + 1::float8
!! 42883 @33 operator does not exist: timestamp with time zone + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + 'a'::text
!! 42883 @33 operator does not exist: timestamp with time zone + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + 'a'::varchar
!! 42883 @33 operator does not exist: timestamp with time zone + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + '1'
-> ?column? timestamp with time zone

select timestamptz '2020-01-01' + date '2020-01-01'
!! 42883 @33 operator does not exist: timestamp with time zone + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + timestamp '2020-01-01'
!! 42883 @33 operator does not exist: timestamp with time zone + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + timestamptz '2020-01-01'
!! 42883 @33 operator does not exist: timestamp with time zone + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + interval '1 day'
-> ?column? timestamp with time zone

select timestamptz '2020-01-01' + time '10:00'
-> ?column? timestamp with time zone

select timestamptz '2020-01-01' + true
!! 42883 @33 operator does not exist: timestamp with time zone + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamptz '2020-01-01' + null
-> ?column? timestamp with time zone

select interval '1 day' + 1::smallint
!! 42883 @25 operator does not exist: interval + smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + 1
!! 42883 @25 operator does not exist: interval + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + 1::bigint
!! 42883 @25 operator does not exist: interval + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + 1.5
!! 42883 @25 operator does not exist: interval + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + 1::real
!! 42883 @25 operator does not exist: interval + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + 1::float8
!! 42883 @25 operator does not exist: interval + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + 'a'::text
!! 42883 @25 operator does not exist: interval + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + 'a'::varchar
!! 42883 @25 operator does not exist: interval + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + '1'
-> ?column? interval

select interval '1 day' + date '2020-01-01'
-> ?column? timestamp without time zone

select interval '1 day' + timestamp '2020-01-01'
-> ?column? timestamp without time zone

select interval '1 day' + timestamptz '2020-01-01'
-> ?column? timestamp with time zone

select interval '1 day' + interval '1 day'
-> ?column? interval

select interval '1 day' + time '10:00'
-> ?column? time without time zone

select interval '1 day' + true
!! 42883 @25 operator does not exist: interval + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' + null
-> ?column? interval

select time '10:00' + 1::smallint
!! 42883 @21 operator does not exist: time without time zone + smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + 1
!! 42883 @21 operator does not exist: time without time zone + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + 1::bigint
!! 42883 @21 operator does not exist: time without time zone + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + 1.5
!! 42883 @21 operator does not exist: time without time zone + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + 1::real
!! 42883 @21 operator does not exist: time without time zone + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + 1::float8
!! 42883 @21 operator does not exist: time without time zone + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + 'a'::text
!! 42883 @21 operator does not exist: time without time zone + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + 'a'::varchar
!! 42883 @21 operator does not exist: time without time zone + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + '1'
-> ?column? time without time zone

select time '10:00' + date '2020-01-01'
-> ?column? timestamp without time zone

select time '10:00' + timestamp '2020-01-01'
-> ?column? timestamp without time zone

select time '10:00' + timestamptz '2020-01-01'
-> ?column? timestamp with time zone

select time '10:00' + interval '1 day'
-> ?column? time without time zone

select time '10:00' + time '10:00'
!! 42725 @21 operator is not unique: time without time zone + time without time zone HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select time '10:00' + true
!! 42883 @21 operator does not exist: time without time zone + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select time '10:00' + null
-> ?column? time without time zone

select true + 1::smallint
!! 42883 @13 operator does not exist: boolean + smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + 1
!! 42883 @13 operator does not exist: boolean + integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + 1::bigint
!! 42883 @13 operator does not exist: boolean + bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + 1.5
!! 42883 @13 operator does not exist: boolean + numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + 1::real
!! 42883 @13 operator does not exist: boolean + real HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + 1::float8
!! 42883 @13 operator does not exist: boolean + double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + 'a'::text
!! 42883 @13 operator does not exist: boolean + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + 'a'::varchar
!! 42883 @13 operator does not exist: boolean + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + '1'
!! 42883 @13 operator does not exist: boolean + unknown HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + date '2020-01-01'
!! 42883 @13 operator does not exist: boolean + date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + timestamp '2020-01-01'
!! 42883 @13 operator does not exist: boolean + timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + timestamptz '2020-01-01'
!! 42883 @13 operator does not exist: boolean + timestamp with time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + interval '1 day'
!! 42883 @13 operator does not exist: boolean + interval HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + time '10:00'
!! 42883 @13 operator does not exist: boolean + time without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + true
!! 42883 @13 operator does not exist: boolean + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true + null
!! 42883 @13 operator does not exist: boolean + unknown HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select null + 1::smallint
-> ?column? smallint

select null + 1
-> ?column? integer

select null + 1::bigint
-> ?column? bigint

select null + 1.5
-> ?column? numeric

select null + 1::real
-> ?column? real

select null + 1::float8
-> ?column? double precision

select null + 'a'::text
!! 42883 @13 operator does not exist: unknown + text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select null + 'a'::varchar
!! 42883 @13 operator does not exist: unknown + character varying HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select null + '1'
!! 42725 @13 operator is not unique: unknown + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select null + date '2020-01-01'
!! 42725 @13 operator is not unique: unknown + date HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select null + timestamp '2020-01-01'
-> ?column? timestamp without time zone

select null + timestamptz '2020-01-01'
-> ?column? timestamp with time zone

select null + interval '1 day'
-> ?column? interval

select null + time '10:00'
-> ?column? time without time zone

select null + true
!! 42883 @13 operator does not exist: unknown + boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select null + null
!! 42725 @13 operator is not unique: unknown + unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select 1 = 1
-> ?column? boolean

select 1 || 1
!! 42883 @10 operator does not exist: integer || integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 = 1.5
-> ?column? boolean

select 1 || 1.5
!! 42883 @10 operator does not exist: integer || numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 = 1::float8
-> ?column? boolean

select 1 || 1::float8
!! 42883 @10 operator does not exist: integer || double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 = 'a'::text
!! 42883 @10 operator does not exist: integer = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 || 'a'::text
-> ?column? text

select 1 = '1'
-> ?column? boolean

select 1 || '1'
-> ?column? text

select 1 = date '2020-01-01'
!! 42883 @10 operator does not exist: integer = date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 || date '2020-01-01'
!! 42883 @10 operator does not exist: integer || date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 = timestamp '2020-01-01'
!! 42883 @10 operator does not exist: integer = timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 || timestamp '2020-01-01'
!! 42883 @10 operator does not exist: integer || timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 = true
!! 42883 @10 operator does not exist: integer = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 || true
!! 42883 @10 operator does not exist: integer || boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 = 1::bigint
-> ?column? boolean

select 1 || 1::bigint
!! 42883 @10 operator does not exist: integer || bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 = 1
-> ?column? boolean

select 1.5 || 1
!! 42883 @12 operator does not exist: numeric || integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 = 1.5
-> ?column? boolean

select 1.5 || 1.5
!! 42883 @12 operator does not exist: numeric || numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 = 1::float8
-> ?column? boolean

select 1.5 || 1::float8
!! 42883 @12 operator does not exist: numeric || double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 = 'a'::text
!! 42883 @12 operator does not exist: numeric = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 || 'a'::text
-> ?column? text

select 1.5 = '1'
-> ?column? boolean

select 1.5 || '1'
-> ?column? text

select 1.5 = date '2020-01-01'
!! 42883 @12 operator does not exist: numeric = date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 || date '2020-01-01'
!! 42883 @12 operator does not exist: numeric || date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 = timestamp '2020-01-01'
!! 42883 @12 operator does not exist: numeric = timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 || timestamp '2020-01-01'
!! 42883 @12 operator does not exist: numeric || timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 = true
!! 42883 @12 operator does not exist: numeric = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 || true
!! 42883 @12 operator does not exist: numeric || boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1.5 = 1::bigint
-> ?column? boolean

select 1.5 || 1::bigint
!! 42883 @12 operator does not exist: numeric || bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 = 1
-> ?column? boolean

select 1::float8 || 1
!! 42883 @18 operator does not exist: double precision || integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 = 1.5
-> ?column? boolean

select 1::float8 || 1.5
!! 42883 @18 operator does not exist: double precision || numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 = 1::float8
-> ?column? boolean

select 1::float8 || 1::float8
!! 42883 @18 operator does not exist: double precision || double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 = 'a'::text
!! 42883 @18 operator does not exist: double precision = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 || 'a'::text
-> ?column? text

select 1::float8 = '1'
-> ?column? boolean

select 1::float8 || '1'
-> ?column? text

select 1::float8 = date '2020-01-01'
!! 42883 @18 operator does not exist: double precision = date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 || date '2020-01-01'
!! 42883 @18 operator does not exist: double precision || date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 = timestamp '2020-01-01'
!! 42883 @18 operator does not exist: double precision = timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 || timestamp '2020-01-01'
!! 42883 @18 operator does not exist: double precision || timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 = true
!! 42883 @18 operator does not exist: double precision = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 || true
!! 42883 @18 operator does not exist: double precision || boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::float8 = 1::bigint
-> ?column? boolean

select 1::float8 || 1::bigint
!! 42883 @18 operator does not exist: double precision || bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text = 1
!! 42883 @18 operator does not exist: text = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text || 1
-> ?column? text

select 'a'::text = 1.5
!! 42883 @18 operator does not exist: text = numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text || 1.5
-> ?column? text

select 'a'::text = 1::float8
!! 42883 @18 operator does not exist: text = double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text || 1::float8
-> ?column? text

select 'a'::text = 'a'::text
-> ?column? boolean

select 'a'::text || 'a'::text
-> ?column? text

select 'a'::text = '1'
-> ?column? boolean

select 'a'::text || '1'
-> ?column? text

select 'a'::text = date '2020-01-01'
!! 42883 @18 operator does not exist: text = date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text || date '2020-01-01'
-> ?column? text

select 'a'::text = timestamp '2020-01-01'
!! 42883 @18 operator does not exist: text = timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text || timestamp '2020-01-01'
-> ?column? text

select 'a'::text = true
!! 42883 @18 operator does not exist: text = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text || true
-> ?column? text

select 'a'::text = 1::bigint
!! 42883 @18 operator does not exist: text = bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text || 1::bigint
-> ?column? text

select '1' = 1
-> ?column? boolean

select '1' || 1
-> ?column? text

select '1' = 1.5
-> ?column? boolean

select '1' || 1.5
-> ?column? text

select '1' = 1::float8
-> ?column? boolean

select '1' || 1::float8
-> ?column? text

select '1' = 'a'::text
-> ?column? boolean

select '1' || 'a'::text
-> ?column? text

select '1' = '1'
-> ?column? boolean

select '1' || '1'
-> ?column? text

select '1' = date '2020-01-01'
!! 22007 @8 invalid input syntax for type date: "1"

select '1' || date '2020-01-01'
-> ?column? text

select '1' = timestamp '2020-01-01'
!! 22007 @8 invalid input syntax for type timestamp: "1"

select '1' || timestamp '2020-01-01'
-> ?column? text

select '1' = true
-> ?column? boolean

select '1' || true
-> ?column? text

select '1' = 1::bigint
-> ?column? boolean

select '1' || 1::bigint
-> ?column? text

select date '2020-01-01' = 1
!! 42883 @26 operator does not exist: date = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' || 1
!! 42883 @26 operator does not exist: date || integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' = 1.5
!! 42883 @26 operator does not exist: date = numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' || 1.5
!! 42883 @26 operator does not exist: date || numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' = 1::float8
!! 42883 @26 operator does not exist: date = double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' || 1::float8
!! 42883 @26 operator does not exist: date || double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' = 'a'::text
!! 42883 @26 operator does not exist: date = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' || 'a'::text
-> ?column? text

select date '2020-01-01' = '1'
!! 22007 @28 invalid input syntax for type date: "1"

select date '2020-01-01' || '1'
-> ?column? text

select date '2020-01-01' = date '2020-01-01'
-> ?column? boolean

select date '2020-01-01' || date '2020-01-01'
!! 42883 @26 operator does not exist: date || date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' = timestamp '2020-01-01'
-> ?column? boolean

select date '2020-01-01' || timestamp '2020-01-01'
!! 42883 @26 operator does not exist: date || timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' = true
!! 42883 @26 operator does not exist: date = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' || true
!! 42883 @26 operator does not exist: date || boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' = 1::bigint
!! 42883 @26 operator does not exist: date = bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select date '2020-01-01' || 1::bigint
!! 42883 @26 operator does not exist: date || bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' = 1
!! 42883 @31 operator does not exist: timestamp without time zone = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' || 1
!! 42883 @31 operator does not exist: timestamp without time zone || integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' = 1.5
!! 42883 @31 operator does not exist: timestamp without time zone = numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' || 1.5
!! 42883 @31 operator does not exist: timestamp without time zone || numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' = 1::float8
!! 42883 @31 operator does not exist: timestamp without time zone = double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' || 1::float8
!! 42883 @31 operator does not exist: timestamp without time zone || double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' = 'a'::text
!! 42883 @31 operator does not exist: timestamp without time zone = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' || 'a'::text
-> ?column? text

select timestamp '2020-01-01' = '1'
!! 22007 @33 invalid input syntax for type timestamp: "1"

select timestamp '2020-01-01' || '1'
-> ?column? text

select timestamp '2020-01-01' = date '2020-01-01'
-> ?column? boolean

select timestamp '2020-01-01' || date '2020-01-01'
!! 42883 @31 operator does not exist: timestamp without time zone || date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' = timestamp '2020-01-01'
-> ?column? boolean

select timestamp '2020-01-01' || timestamp '2020-01-01'
!! 42883 @31 operator does not exist: timestamp without time zone || timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' = true
!! 42883 @31 operator does not exist: timestamp without time zone = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' || true
!! 42883 @31 operator does not exist: timestamp without time zone || boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' = 1::bigint
!! 42883 @31 operator does not exist: timestamp without time zone = bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select timestamp '2020-01-01' || 1::bigint
!! 42883 @31 operator does not exist: timestamp without time zone || bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true = 1
!! 42883 @13 operator does not exist: boolean = integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true || 1
!! 42883 @13 operator does not exist: boolean || integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true = 1.5
!! 42883 @13 operator does not exist: boolean = numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true || 1.5
!! 42883 @13 operator does not exist: boolean || numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true = 1::float8
!! 42883 @13 operator does not exist: boolean = double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true || 1::float8
!! 42883 @13 operator does not exist: boolean || double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true = 'a'::text
!! 42883 @13 operator does not exist: boolean = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true || 'a'::text
-> ?column? text

select true = '1'
-> ?column? boolean

select true || '1'
-> ?column? text

select true = date '2020-01-01'
!! 42883 @13 operator does not exist: boolean = date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true || date '2020-01-01'
!! 42883 @13 operator does not exist: boolean || date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true = timestamp '2020-01-01'
!! 42883 @13 operator does not exist: boolean = timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true || timestamp '2020-01-01'
!! 42883 @13 operator does not exist: boolean || timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true = true
-> ?column? boolean

select true || true
!! 42883 @13 operator does not exist: boolean || boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true = 1::bigint
!! 42883 @13 operator does not exist: boolean = bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select true || 1::bigint
!! 42883 @13 operator does not exist: boolean || bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint = 1
-> ?column? boolean

select 1::bigint || 1
!! 42883 @18 operator does not exist: bigint || integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint = 1.5
-> ?column? boolean

select 1::bigint || 1.5
!! 42883 @18 operator does not exist: bigint || numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint = 1::float8
-> ?column? boolean

select 1::bigint || 1::float8
!! 42883 @18 operator does not exist: bigint || double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint = 'a'::text
!! 42883 @18 operator does not exist: bigint = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint || 'a'::text
-> ?column? text

select 1::bigint = '1'
-> ?column? boolean

select 1::bigint || '1'
-> ?column? text

select 1::bigint = date '2020-01-01'
!! 42883 @18 operator does not exist: bigint = date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint || date '2020-01-01'
!! 42883 @18 operator does not exist: bigint || date HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint = timestamp '2020-01-01'
!! 42883 @18 operator does not exist: bigint = timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint || timestamp '2020-01-01'
!! 42883 @18 operator does not exist: bigint || timestamp without time zone HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint = true
!! 42883 @18 operator does not exist: bigint = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint || true
!! 42883 @18 operator does not exist: bigint || boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint = 1::bigint
-> ?column? boolean

select 1::bigint || 1::bigint
!! 42883 @18 operator does not exist: bigint || bigint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 - 1
-> ?column? integer

select 1 - 1.5
-> ?column? numeric

select 1::bigint - 1::smallint
-> ?column? bigint

select 'a'::text - 'a'::text
!! 42883 @18 operator does not exist: text - text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' - 1
-> ?column? integer

select '1' - '1'
!! 42725 @12 operator is not unique: unknown - unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' - 1
-> ?column? date

select interval '1 day' - 1::float8
!! 42883 @25 operator does not exist: interval - double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real - 1
-> ?column? double precision

select 1 * 1
-> ?column? integer

select 1 * 1.5
-> ?column? numeric

select 1::bigint * 1::smallint
-> ?column? bigint

select 'a'::text * 'a'::text
!! 42883 @18 operator does not exist: text * text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' * 1
-> ?column? integer

select '1' * '1'
!! 42725 @12 operator is not unique: unknown * unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' * 1
!! 42883 @26 operator does not exist: date * integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' * 1::float8
-> ?column? interval

select 1::real * 1
-> ?column? double precision

select 1 / 1
-> ?column? integer

select 1 / 1.5
-> ?column? numeric

select 1::bigint / 1::smallint
-> ?column? bigint

select 'a'::text / 'a'::text
!! 42883 @18 operator does not exist: text / text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' / 1
-> ?column? integer

select '1' / '1'
!! 42725 @12 operator is not unique: unknown / unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' / 1
!! 42883 @26 operator does not exist: date / integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' / 1::float8
-> ?column? interval

select 1::real / 1
-> ?column? double precision

select 1 % 1
-> ?column? integer

select 1 % 1.5
-> ?column? numeric

select 1::bigint % 1::smallint
-> ?column? bigint

select 'a'::text % 'a'::text
!! 42883 @18 operator does not exist: text % text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' % 1
-> ?column? integer

select '1' % '1'
!! 42725 @12 operator is not unique: unknown % unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' % 1
!! 42883 @26 operator does not exist: date % integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' % 1::float8
!! 42883 @25 operator does not exist: interval % double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real % 1
!! 42883 @16 operator does not exist: real % integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 ^ 1
-> ?column? double precision

select 1 ^ 1.5
-> ?column? numeric

select 1::bigint ^ 1::smallint
-> ?column? double precision

select 'a'::text ^ 'a'::text
!! 42883 @18 operator does not exist: text ^ text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' ^ 1
-> ?column? double precision

select '1' ^ '1'
-> ?column? double precision

select date '2020-01-01' ^ 1
!! 42883 @26 operator does not exist: date ^ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' ^ 1::float8
!! 42883 @25 operator does not exist: interval ^ double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real ^ 1
-> ?column? double precision

select 1 < 1
-> ?column? boolean

select 1 < 1.5
-> ?column? boolean

select 1::bigint < 1::smallint
-> ?column? boolean

select 'a'::text < 'a'::text
-> ?column? boolean

select '1' < 1
-> ?column? boolean

select '1' < '1'
-> ?column? boolean

select date '2020-01-01' < 1
!! 42883 @26 operator does not exist: date < integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' < 1::float8
!! 42883 @25 operator does not exist: interval < double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real < 1
-> ?column? boolean

select 1 >= 1
-> ?column? boolean

select 1 >= 1.5
-> ?column? boolean

select 1::bigint >= 1::smallint
-> ?column? boolean

select 'a'::text >= 'a'::text
-> ?column? boolean

select '1' >= 1
-> ?column? boolean

select '1' >= '1'
-> ?column? boolean

select date '2020-01-01' >= 1
!! 42883 @26 operator does not exist: date >= integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' >= 1::float8
!! 42883 @25 operator does not exist: interval >= double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real >= 1
-> ?column? boolean

select 1 <> 1
-> ?column? boolean

select 1 <> 1.5
-> ?column? boolean

select 1::bigint <> 1::smallint
-> ?column? boolean

select 'a'::text <> 'a'::text
-> ?column? boolean

select '1' <> 1
-> ?column? boolean

select '1' <> '1'
-> ?column? boolean

select date '2020-01-01' <> 1
!! 42883 @26 operator does not exist: date <> integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' <> 1::float8
!! 42883 @25 operator does not exist: interval <> double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real <> 1
-> ?column? boolean

select 1 != 1
-> ?column? boolean

select 1 != 1.5
-> ?column? boolean

select 1::bigint != 1::smallint
-> ?column? boolean

select 'a'::text != 'a'::text
-> ?column? boolean

select '1' != 1
-> ?column? boolean

select '1' != '1'
-> ?column? boolean

select date '2020-01-01' != 1
!! 42883 @26 operator does not exist: date <> integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' != 1::float8
!! 42883 @25 operator does not exist: interval <> double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real != 1
-> ?column? boolean

select 1 ~ 1
!! 42883 @10 operator does not exist: integer ~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 ~ 1.5
!! 42883 @10 operator does not exist: integer ~ numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint ~ 1::smallint
!! 42883 @18 operator does not exist: bigint ~ smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text ~ 'a'::text
-> ?column? boolean

select '1' ~ 1
!! 42883 @12 operator does not exist: unknown ~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' ~ '1'
-> ?column? boolean

select date '2020-01-01' ~ 1
!! 42883 @26 operator does not exist: date ~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' ~ 1::float8
!! 42883 @25 operator does not exist: interval ~ double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real ~ 1
!! 42883 @16 operator does not exist: real ~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 ~~ 1
!! 42883 @10 operator does not exist: integer ~~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 ~~ 1.5
!! 42883 @10 operator does not exist: integer ~~ numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint ~~ 1::smallint
!! 42883 @18 operator does not exist: bigint ~~ smallint HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a'::text ~~ 'a'::text
-> ?column? boolean

select '1' ~~ 1
!! 42883 @12 operator does not exist: unknown ~~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' ~~ '1'
-> ?column? boolean

select date '2020-01-01' ~~ 1
!! 42883 @26 operator does not exist: date ~~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' ~~ 1::float8
!! 42883 @25 operator does not exist: interval ~~ double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real ~~ 1
!! 42883 @16 operator does not exist: real ~~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 & 1
-> ?column? integer

select 1 & 1.5
!! 42883 @10 operator does not exist: integer & numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint & 1::smallint
-> ?column? bigint

select 'a'::text & 'a'::text
!! 42883 @18 operator does not exist: text & text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' & 1
-> ?column? integer

select '1' & '1'
!! 42725 @12 operator is not unique: unknown & unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' & 1
!! 42883 @26 operator does not exist: date & integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' & 1::float8
!! 42883 @25 operator does not exist: interval & double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real & 1
!! 42883 @16 operator does not exist: real & integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 | 1
-> ?column? integer

select 1 | 1.5
!! 42883 @10 operator does not exist: integer | numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint | 1::smallint
-> ?column? bigint

select 'a'::text | 'a'::text
!! 42883 @18 operator does not exist: text | text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' | 1
-> ?column? integer

select '1' | '1'
!! 42725 @12 operator is not unique: unknown | unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' | 1
!! 42883 @26 operator does not exist: date | integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' | 1::float8
!! 42883 @25 operator does not exist: interval | double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real | 1
!! 42883 @16 operator does not exist: real | integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 # 1
-> ?column? integer

select 1 # 1.5
!! 42883 @10 operator does not exist: integer # numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint # 1::smallint
-> ?column? bigint

select 'a'::text # 'a'::text
!! 42883 @18 operator does not exist: text # text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' # 1
-> ?column? integer

select '1' # '1'
!! 42725 @12 operator is not unique: unknown # unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' # 1
!! 42883 @26 operator does not exist: date # integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' # 1::float8
!! 42883 @25 operator does not exist: interval # double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real # 1
!! 42883 @16 operator does not exist: real # integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 << 1
-> ?column? integer

select 1 << 1.5
!! 42883 @10 operator does not exist: integer << numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint << 1::smallint
-> ?column? bigint

select 'a'::text << 'a'::text
!! 42883 @18 operator does not exist: text << text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' << 1
-> ?column? integer

select '1' << '1'
!! 42725 @12 operator is not unique: unknown << unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' << 1
!! 42883 @26 operator does not exist: date << integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' << 1::float8
!! 42883 @25 operator does not exist: interval << double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real << 1
!! 42883 @16 operator does not exist: real << integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 >> 1
-> ?column? integer

select 1 >> 1.5
!! 42883 @10 operator does not exist: integer >> numeric HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::bigint >> 1::smallint
-> ?column? bigint

select 'a'::text >> 'a'::text
!! 42883 @18 operator does not exist: text >> text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select '1' >> 1
-> ?column? integer

select '1' >> '1'
!! 42725 @12 operator is not unique: unknown >> unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select date '2020-01-01' >> 1
!! 42883 @26 operator does not exist: date >> integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select interval '1 day' >> 1::float8
!! 42883 @25 operator does not exist: interval >> double precision HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1::real >> 1
!! 42883 @16 operator does not exist: real >> integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select - 1
-> ?column? integer

select - 1.5
-> ?column? numeric

select - 1::float8
-> ?column? double precision

select - 'a'::text
!! 42883 @8 operator does not exist: - text HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select - '1'
!! 42725 @8 operator is not unique: - unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select - interval '1 day'
-> ?column? interval

select - date '2020-01-01'
!! 42883 @8 operator does not exist: - date HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select + 1
-> ?column? integer

select + 1.5
-> ?column? numeric

select + 1::float8
-> ?column? double precision

select + 'a'::text
!! 42883 @8 operator does not exist: + text HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select + '1'
-> ?column? double precision

select + interval '1 day'
!! 42883 @8 operator does not exist: + interval HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select + date '2020-01-01'
!! 42883 @8 operator does not exist: + date HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select @ 1
-> ?column? integer

select @ 1.5
-> ?column? numeric

select @ 1::float8
-> ?column? double precision

select @ 'a'::text
!! 42883 @8 operator does not exist: @ text HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select @ '1'
-> ?column? double precision

select @ interval '1 day'
!! 42883 @8 operator does not exist: @ interval HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select @ date '2020-01-01'
!! 42883 @8 operator does not exist: @ date HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select |/ 1
-> ?column? double precision

select |/ 1.5
-> ?column? double precision

select |/ 1::float8
-> ?column? double precision

select |/ 'a'::text
!! 42883 @8 operator does not exist: |/ text HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select |/ '1'
-> ?column? double precision

select |/ interval '1 day'
!! 42883 @8 operator does not exist: |/ interval HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select |/ date '2020-01-01'
!! 42883 @8 operator does not exist: |/ date HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ||/ 1
-> ?column? double precision

select ||/ 1.5
-> ?column? double precision

select ||/ 1::float8
-> ?column? double precision

select ||/ 'a'::text
!! 42883 @8 operator does not exist: ||/ text HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ||/ '1'
-> ?column? double precision

select ||/ interval '1 day'
!! 42883 @8 operator does not exist: ||/ interval HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ||/ date '2020-01-01'
!! 42883 @8 operator does not exist: ||/ date HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ~ 1
-> ?column? integer

select ~ 1.5
!! 42883 @8 operator does not exist: ~ numeric HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ~ 1::float8
!! 42883 @8 operator does not exist: ~ double precision HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ~ 'a'::text
!! 42883 @8 operator does not exist: ~ text HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ~ '1'
!! 42725 @8 operator is not unique: ~ unknown HINT: Could not choose a best candidate operator. You might need to add explicit type casts.

select ~ interval '1 day'
!! 42883 @8 operator does not exist: ~ interval HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select ~ date '2020-01-01'
!! 42883 @8 operator does not exist: ~ date HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select !! 1
!! 42883 @8 operator does not exist: !! integer HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select !! 1.5
!! 42883 @8 operator does not exist: !! numeric HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select !! 1::float8
!! 42883 @8 operator does not exist: !! double precision HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select !! 'a'::text
!! 42883 @8 operator does not exist: !! text HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select !! interval '1 day'
!! 42883 @8 operator does not exist: !! interval HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select !! date '2020-01-01'
!! 42883 @8 operator does not exist: !! date HINT: No operator matches the given name and argument type. You might need to add an explicit type cast.

select 1 operator(pg_catalog.+) 2
-> ?column? integer

select 1 operator(public.+) 2
!! 42883 @10 operator does not exist: integer public.+ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 operator(nowhere.+) 2
!! 3F000 @10 schema "nowhere" does not exist

select 1 @@@ 2
!! 42883 @10 operator does not exist: integer @@@ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select operator(pg_catalog.-) 1
-> ?column? integer

select 'a' like 'b'
-> ?column? boolean

select 'a' not like 'b'
-> ?column? boolean

select 'a' ilike 'b'
-> ?column? boolean

select 'a' similar to 'b'
-> ?column? boolean

select 'a' like 'b' escape '!'
-> ?column? boolean

select 'a' not similar to 'b' escape '!'
-> ?column? boolean

select 1 like 'a'
!! 42883 @10 operator does not exist: integer ~~ unknown HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select b like 1 from t
!! 42883 @10 operator does not exist: text ~~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 'a' ~* 'b'
-> ?column? boolean

select 'a' !~ 'b'
-> ?column? boolean

select 1 in (1, 2)
-> ?column? boolean

select 1 in (1, 2.5)
-> ?column? boolean

select 1 in ('1', '2')
-> ?column? boolean

select 1 in (1, 'x')
!! 22P02 @17 invalid input syntax for type integer: "x"

select 'a' in ('b', 'c')
-> ?column? boolean

select a in (1, a) from t
-> ?column? boolean

select a in (a, b) from t
!! 42883 @10 operator does not exist: integer = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 in (1, true)
!! 42883 @10 operator does not exist: integer = boolean HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select a not in (1, 2, c) from t
-> ?column? boolean

select (1, 2) in ((1, 2), (3, 4))
-> ?column? boolean

select (1, 2) in ((1, 2, 3))
!! 42601 @15 unequal number of entries in row expressions

select (1, 'a') in ((1, 'a'))
-> ?column? boolean

select 1 = any (array[1, 2])
-> ?column? boolean

select 1 = any ('{1,2}')
-> ?column? boolean

select 'a' = any ('{a,b}')
-> ?column? boolean

select 1 = any (1)
!! 42809 @10 op ANY/ALL (array) requires array on right side

select 1 = all (array['a'])
!! 42883 @10 operator does not exist: integer = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 + any (array[1])
!! 42809 @10 op ANY/ALL (array) requires operator to yield boolean

select 1 = some (array[1.5])
-> ?column? boolean

select a = any (tags) from t, w
!! 42883 @10 operator does not exist: integer = text HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select 1 between 1 and 2
-> ?column? boolean

select 1 between '1' and 2.5
-> ?column? boolean

select 1 not between symmetric 2 and 1
-> ?column? boolean

select 'a' between 1 and 2
!! 22P02 @8 invalid input syntax for type integer: "a"

select (1, 2) = (1, 2)
-> ?column? boolean

select (1, 2) < (1, 'x')
!! 22P02 @21 invalid input syntax for type integer: "x"

select (1, 2) = (1, 2, 3)
!! 42601 @15 unequal number of entries in row expressions

select row() = row()
!! 0A000 @14 cannot compare rows of zero length

select (1, 2) ~~ (1, 2)
!! 42883 @15 operator does not exist: integer ~~ integer HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select ('a', 'b') ~~ ('a', 'b')
!! 0A000 @19 could not determine interpretation of row comparison operator ~~ HINT: Row comparison operators must be associated with btree operator families.

select ('a', 'b') like ('a', 'b')
!! 0A000 @19 could not determine interpretation of row comparison operator ~~ HINT: Row comparison operators must be associated with btree operator families.

select (1, 2) <> (3, 4)
-> ?column? boolean

select (1, 'a') < (2, 'b')
-> ?column? boolean

select row(1) = row(2)
-> ?column? boolean

select 1 is distinct from 2
-> ?column? boolean

select 1 is not distinct from null
-> ?column? boolean

select null is distinct from 1
-> ?column? boolean

select (1, 2) is distinct from (1, 3)
-> ?column? boolean

select (1, 2) is distinct from (1, 2, 3)
!! 42601 @15 unequal number of entries in row expressions

select 'a' is distinct from 1
!! 22P02 @8 invalid input syntax for type integer: "a"

select 1 is null
-> ?column? boolean

select null is not null
-> ?column? boolean

select row(1, null) is null
-> ?column? boolean

select 1 is true
!! 42804 @8 argument of IS TRUE must be type boolean, not type integer

select true is not false
-> ?column? boolean

select null is unknown
-> ?column? boolean

select 't' is true
-> ?column? boolean

select 'x' is true
!! 22P02 @8 invalid input syntax for type boolean: "x"

select a is not unknown from t
!! 42804 @8 argument of IS NOT UNKNOWN must be type boolean, not type integer

select not 1
!! 42804 @12 argument of NOT must be type boolean, not type integer

select not 'true'
-> ?column? boolean

select not 'x'
!! 22P02 @12 invalid input syntax for type boolean: "x"

select 1 and true
!! 42804 @8 argument of AND must be type boolean, not type integer

select 't' and 'f'
-> ?column? boolean

select true or 1
!! 42804 @16 argument of OR must be type boolean, not type integer

select null and null
-> ?column? boolean

select nullif(1, 2)
-> nullif integer

select nullif(1, 2.5)
-> nullif numeric

select nullif('a', 1)
!! 22P02 @15 invalid input syntax for type integer: "a"

select nullif('a', 'b')
-> nullif text

select nullif(1, 'a')
!! 22P02 @18 invalid input syntax for type integer: "a"

select nullif(row(1), row(2))
-> nullif record

select nullif('a'::char(3), 'b')
-> nullif character(3)

select nullif('a'::varchar(3), 'b')
-> nullif text

select array['a'::char(3)], array[1.5::numeric(4,2), null], array['a'::char(3), 'b'::char(4)]
-> array character(3)[], array numeric[], array bpchar[]

select array[array['a'::char(3)]], (array['a'::char(3)])[1]
-> array character(3)[], array character(3)

select date '2020-01-01' - date '2019-01-01'
-> ?column? integer

select now() - interval '1 day'
-> ?column? timestamp with time zone

select doc -> 'a', doc ->> 'a', doc #> '{a}', doc @> '{}' from w
-> ?column? jsonb, ?column? text, ?column? jsonb, ?column? boolean

select doc - 'a', doc || '{}' from w
-> ?column? jsonb, ?column? jsonb

select doc = '1' from w
-> ?column? boolean

select '{}'::json = '{}'::json
!! 42883 @19 operator does not exist: json = json HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select tags || 'x' from w
!! 22P02 @16 malformed array literal: "x" DETAIL: Array value must start with "{" or dimension information.

select tags || array['x'] from w
-> ?column? text[]

select array[1] || 2, 1 || array[2], array[1] || array[2]
-> ?column? integer[], ?column? integer[], ?column? integer[]

select array[1] = array[1], array[1] < array[2]
-> ?column? boolean, ?column? boolean

select array[1] @> array[1], array[1] && array[2]
-> ?column? boolean, ?column? boolean

select array[1] = array['a']
!! 42883 @17 operator does not exist: integer[] = text[] HINT: No operator matches the given name and argument types. You might need to add explicit type casts.

select tags = '{a}' from w
-> ?column? boolean

select id = 1 from w
-> ?column? boolean

select m.id = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11' from m
-> ?column? boolean

select m.id = 'x' from m
!! 22P02 @15 invalid input syntax for type uuid: "x"

select bt = '\xcafe' from m
-> ?column? boolean

select bt || '\xca' from m
-> ?column? bytea

select bits & b'1010' from m
-> ?column? "bit"

select bits = '1010' from m
-> ?column? boolean

select s = n from m
-> ?column? boolean

select s || n from m
-> ?column? text

select n || 'x' from m
-> ?column? text

select i * 2, i / 2, -i from m
-> ?column? interval, ?column? interval, ?column? interval

select ts + i, ts - ts from m
-> ?column? timestamp without time zone, ?column? interval

select tm + i from m
-> ?column? time without time zone

select o = 1 from m
-> ?column? boolean

select f = 0.1 from m
-> ?column? boolean

select f + 1, f + 1.5, f + a from m, t
-> ?column? double precision, ?column? double precision, ?column? double precision

select c + a, c * c, c / 3, c % 2 from t
-> ?column? numeric, ?column? numeric, ?column? numeric, ?column? numeric

select v + v, v + 1, v * 2.5 from k
-> ?column? smallint, ?column? integer, ?column? numeric

select t = t from t
-> ?column? boolean

select t = row(1, 'a', 1, null, true) from t
-> ?column? boolean
