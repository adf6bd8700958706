select pg_size_pretty(0::bigint), pg_size_pretty(10239::bigint), pg_size_pretty(10240::bigint), pg_size_pretty(20479 * 1024::bigint), pg_size_pretty(1234567890::bigint), pg_size_pretty(-1234567::bigint), pg_size_pretty(9223372036854775807);
select pg_size_pretty(10240::numeric), pg_size_pretty(12345.67::numeric), pg_size_pretty(1e20::numeric), pg_size_pretty(10.5::numeric);
select pg_size_bytes('10'), pg_size_bytes('1 kB'), pg_size_bytes('1.5MB'), pg_size_bytes(' 2 gb '), pg_size_bytes('1e3'), pg_size_bytes('-3 TB'), pg_size_bytes('.5 kB');
select pg_size_bytes('abc');
select pg_size_bytes('1 xB');
select pg_size_bytes('10 PB') * 1.0, pg_encoding_to_char(6), pg_encoding_to_char(0), pg_encoding_to_char(-1), pg_char_to_encoding('utf-8'), pg_char_to_encoding('latin1'), pg_char_to_encoding('nonsense'), pg_char_to_encoding('windows-1252');
select concat('ab'::char(5), '|'), format('%s|', 'ab'::char(5)), to_json('ab'::char(4)), octet_length('ab'::char(7));
