select 1
-> ?column? integer

select 2147483647
-> ?column? integer

select 2147483648
-> ?column? bigint

select -2147483648
-> ?column? integer

select 9223372036854775807
-> ?column? bigint

select 9223372036854775808
-> ?column? numeric

select 0.5
-> ?column? numeric

select .5
-> ?column? numeric

select 5.
-> ?column? numeric

select 1e3
-> ?column? numeric

select 1e-3
-> ?column? numeric

select 1E10
-> ?column? numeric

select 00012
-> ?column? integer

select 'abc'
-> ?column? text

select E'a\nb'
-> ?column? text

select U&'d\0061t'
-> ?column? text

select $$x$$
-> ?column? text

select $q$it's$q$
-> ?column? text

select b'1010'
-> ?column? "bit"

select x'ff'
-> ?column? "bit"

select B''
-> ?column? "bit"

select null
-> ?column? text

select true
-> ?column? boolean

select false
-> ?column? boolean

select 't'::boolean
-> bool boolean

select 'yes'::bool
-> bool boolean

select 'maybe'::bool
!! 22P02 @8 invalid input syntax for type boolean: "maybe"

select '1'::smallint
-> int2 smallint

select '40000'::smallint
!! 22003 @8 value "40000" is out of range for type smallint

select 'x'::int
!! 22P02 @8 invalid input syntax for type integer: "x"

select '1.5'::int
!! 22P02 @8 invalid input syntax for type integer: "1.5"

select ' 12 '::int
-> int4 integer

select '12a'::bigint
!! 22P02 @8 invalid input syntax for type bigint: "12a"

select '99999999999'::int
!! 22003 @8 value "99999999999" is out of range for type integer

select '1e5'::int
!! 22P02 @8 invalid input syntax for type integer: "1e5"

select '1.5'::numeric
-> numeric numeric

select 'abc'::numeric
!! 22P02 @8 invalid input syntax for type numeric: "abc"

select 'NaN'::numeric
-> numeric numeric

select '1.55'::numeric(3,1)
-> numeric numeric(3,1)

select 'infinity'::float8
-> float8 double precision

select '1e400'::float8
!! 22003 @8 "1e400" is out of range for type double precision

select 'x'::real
!! 22P02 @8 invalid input syntax for type real: "x"

select '2020-01-01'::date
-> date date

select '2020-02-30'::date
!! 22008 @8 date/time field value out of range: "2020-02-30"

select 'garbage'::date
!! 22007 @8 invalid input syntax for type date: "garbage"

select '10:11:12'::time
-> time time without time zone

select '25:00'::time
!! 22008 @8 date/time field value out of range: "25:00"

select '2020-01-01 10:00'::timestamp
-> timestamp timestamp without time zone

select '2020-01-01 10:00+02'::timestamptz
-> timestamptz timestamp with time zone

select 'x'::timestamptz
!! 22007 @8 invalid input syntax for type timestamp with time zone: "x"

select '1 day'::interval
-> interval interval

select '1 foo'::interval
!! 22007 @8 invalid input syntax for type interval: "1 foo"

select 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid
-> uuid uuid

select 'no'::uuid
!! 22P02 @8 invalid input syntax for type uuid: "no"

select '\xcafe'::bytea
-> bytea bytea

select '\xcafz'::bytea
!! 22023 @8 invalid hexadecimal digit: "z"

select '{"a": 1}'::json
-> json json

select '{'::json
!! 22P02 @8 invalid input syntax for type json DETAIL: The input string ended unexpectedly.

select '{"a": 1}'::jsonb
-> jsonb jsonb

select 'nope'::jsonb
!! 22P02 @8 invalid input syntax for type json DETAIL: Token "nope" is invalid.

select '101'::bit(3)
-> bit bit(3)

select '101'::varbit
-> varbit bit varying

select '12'::bit(2)
!! 22P02 @8 "2" is not a valid binary digit

select '{1,2}'::int[]
-> int4 integer[]

select '{1,x}'::int[]
!! 22P02 @8 invalid input syntax for type integer: "x"

select '{1,2'::int[]
!! 22P02 @8 malformed array literal: "{1,2" DETAIL: Unexpected end of input.

select '{{1,2},{3,4}}'::int[]
-> int4 integer[]

select '{a,b}'::text[]
-> text text[]

select '10.0.0.1'::inet
-> inet inet

select '10.0.0.300'::inet
!! 22P02 @8 invalid input syntax for type inet: "10.0.0.300"

select '10.0.0.0/8'::cidr
-> cidr cidr

select '$1.50'::money
-> money money

select 'abc'::varchar(2)
-> varchar character varying(2)

select 'abc'::char(5)
-> bpchar character(5)

select 'x'::name
-> name name

select 'x'::"char"
-> char "char"

select 1::oid
-> oid oid

select '1'::oid
-> oid oid

select '-1'::oid
-> oid oid

select int4 '7'
-> int4 integer

select float8 '1.5'
-> float8 double precision

select numeric '1.50'
-> numeric numeric

select date '2021-03-04'
-> date date

select time '01:02'
-> time time without time zone

select timestamp '2021-03-04 05:06:07'
-> timestamp timestamp without time zone

select timestamptz '2021-03-04'
-> timestamptz timestamp with time zone

select interval '1' month
-> interval interval month

select interval '1-2' year to month
-> interval interval year to month

select interval '3 hours' hour to minute
-> interval interval hour to minute

select interval(2) '1.234 seconds'
-> interval interval(2)

select bool 'on'
-> bool boolean

select text 'x'
-> text text

select varchar 'x'
-> varchar character varying

select bytea '\x00'
-> bytea bytea

select 'foo'::nosuchtype
!! 42704 @15 type "nosuchtype" does not exist

select 'foo'::public.nosuchtype
!! 42704 @15 type "public.nosuchtype" does not exist

select 'foo'::nowhere.nosuchtype
!! 3F000 @15 schema "nowhere" does not exist

select 1::pg_catalog.int4
-> int4 integer

select 1::pg_catalog.integer
!! 42704 @11 type "pg_catalog.integer" does not exist

select 'x'::text(5)
!! 42601 @13 type modifier is not allowed for type "text"

select 1::numeric(0)
!! 22023 @11 NUMERIC precision 0 must be between 1 and 1000

select 1::numeric(1001)
!! 22023 @11 NUMERIC precision 1001 must be between 1 and 1000

select 1::numeric(5,2,1)
!! 22023 @11 invalid NUMERIC type modifier

select 'a'::varchar(0)
!! 22023 @13 length for type varchar must be at least 1

select 'a'::int(4)
!! 42601 @16 syntax error at or near "("

select '1'::float(25)
-> float8 double precision

select '1'::float(24)
-> float4 real

select '1'::float(60)
!! 22023 @19 precision for type float must be less than 54 bits

select '1'::dec(4)
-> numeric numeric(4,0)

select 'a'::character varying
-> varchar character varying

select 'a'::national character(3)
-> bpchar character(3)

select 1::int8[]
!! 42846 @9 cannot cast type integer to bigint[]

select '{}'::int[][]
-> int4 integer[]

select 'now'::text
-> text text

select 'x'::timestamp(9)
!! 22007 @8 invalid input syntax for type timestamp: "x"

select '2020-01-01'::timestamp(0)
-> timestamp timestamp(0) without time zone

select '10:00'::time(3) with time zone
-> timetz time(3) with time zone

select 1::bit(4)
-> bit bit(4)

select 44::bit(3)
-> bit bit(3)
