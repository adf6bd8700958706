-- What is no JSON, and where PostgreSQL says that its reader stopped.
select json '[1,
2,x]';
select json '{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa":1, trux}';
select json '[1] 2';
select json '';
select json '"abc';
select json '"\é"';
select json '"\u00zq"';
select json '[1,
 "a	b"]';
select json '[1.a, 2]';
select jsonb '[1,"a\u0000bc",2]';
select jsonb '"\ud83dé"';
select jsonb '[1,"\ud83d\n"]';
select jsonb '"\ude04X"';
-- json keeps such escapes, what looks into it does not.
select json '{ "a":  "\ud83d\ud83d" }';
select json '{ "a":  "\ud83d\ud83d" }' -> 'a';
select json '{ "a":  "\ude04\ud83d" }' ->> 'a';
select json '[ 1, "\ud83dX" ]' -> 0;
select json '[ 1, "\ud83dX" ]' ->> 0;
select json '{ "a": 1, "b": ["\ude04X"] }' #> '{b}';
select json '{ "a": 1, "b": ["\ude04X"] }' #>> '{b,0}';
select json_object_keys('{"a": "\ud83d"}');
select * from json_each('{"a": "\ud83d"}');
select json_strip_nulls('{"a": "\u0000"}');
select json_typeof('{"a": "\u0000"}'), json_array_length('["\u0000"]');
select json '{ "a": "\ud83d\ude04\ud83d\udc36" }' -> 'a';
-- Paths have more escapes.
select '"\b\f\r\n\t\v\"\''\\"'::jsonpath;
select '"\x50\u0067\u{53}\u{051}\u{00004C}"'::jsonpath;
select '$.foo\x50\u0067\u{53}\u{051}\u{00004C}\t\"bar'::jsonpath;
select '"\z"'::jsonpath, '"\ud83d\ude04"'::jsonpath;
select '"\u{110000}"'::jsonpath;
select '"\z'::jsonpath;
select '"\u{}"'::jsonpath;
select '"\u00"'::jsonpath;
select '"\x4"'::jsonpath;
select '"a\'::jsonpath;
select '"\u0000"'::jsonpath;
select '$."\ud83d\ud83d"'::jsonpath;
select '$."\ude04X"'::jsonpath;
