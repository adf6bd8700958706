-- Rows from JSON, with rows and arrays of rows in them.
create type part as (x int, y text);
create table wholes (a int, r part, ra part[], c varchar(3));
select * from json_populate_record(null::wholes, '{"a":1,"r":{"x":3,"y":"k"},"ra":[{"x":4},{"y":"z"},null],"c":"abc"}');
select * from jsonb_populate_record(row(7, row(1,'b')::part, null, 'q')::wholes, '{"r":{"y":"k"}}');
select (r).x, (r).y, ra[1] from jsonb_populate_recordset(null::wholes, '[{"r":{"x":3}},{"r":null,"ra":[]},{"r":"(5,six)","ra":["(7,eight)"]}]');
select * from json_populate_record(null::wholes, '{"r":[1,2]}');
select * from json_populate_record(null::wholes, '{"r":12}');
select * from json_populate_record(null::wholes, '{"ra":{"x":1}}');
select * from json_populate_record(null::wholes, '{"ra":[1]}');
select * from json_populate_record(null::wholes, '{"r":{"x":"one"}}');
select * from json_to_recordset('[{"p":{"x":1,"y":"a"}},{"p":{"x":2}}]') as t(p part);
insert into wholes select * from json_populate_recordset(null::wholes, '[{"a":1,"r":{"x":3,"y":"k"}},{"a":2,"ra":[{"x":4}]}]');
select * from wholes order by a;
