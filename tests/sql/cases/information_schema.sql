-- what information_schema says of routines, composite types, arrays and checks
CREATE TYPE point3 AS (x int, y numeric(8,2), label varchar(12), tags text[]);
CREATE DOMAIN codes AS int[];
CREATE TABLE goods (id int PRIMARY KEY, name text, prices numeric[], low int, high int, place point3,
  CHECK (high > low AND low >= 0), CONSTRAINT named CHECK (name <> ''));
CREATE MATERIALIZED VIEW goods_kept AS SELECT id FROM goods;
CREATE VIEW goods_seen AS SELECT id, name FROM goods;
CREATE FUNCTION label(a int, b text DEFAULT 'x', OUT c text, OUT d int[]) LANGUAGE sql STABLE STRICT AS 'SELECT b, ARRAY[a]';
CREATE FUNCTION twice(a int) RETURNS int LANGUAGE sql IMMUTABLE SECURITY DEFINER AS 'SELECT 2 * a';
CREATE PROCEDURE note(a text) LANGUAGE sql AS 'INSERT INTO goods (id, name) VALUES (1, a)';
SELECT routine_name, routine_type, data_type, type_udt_name, routine_body, routine_definition, external_language, is_deterministic, is_null_call, security_type, dtd_identifier FROM information_schema.routines WHERE routine_schema = 'public' ORDER BY 1;
SELECT split_part(specific_name, '_', 1) AS routine, ordinal_position, parameter_mode, parameter_name, data_type, udt_name, dtd_identifier, parameter_default FROM information_schema.parameters WHERE specific_schema = 'public' ORDER BY 1, 2;
SELECT udt_name, attribute_name, ordinal_position, data_type, character_maximum_length, numeric_precision, numeric_scale, attribute_udt_name FROM information_schema.attributes WHERE udt_schema = 'public' ORDER BY 3;
SELECT user_defined_type_name, user_defined_type_category, is_instantiable FROM information_schema.user_defined_types WHERE user_defined_type_schema = 'public';
SELECT regexp_replace(object_name, '_\d+$', '') AS object, object_type, collection_type_identifier, data_type, udt_name, dtd_identifier FROM information_schema.element_types WHERE object_schema = 'public' ORDER BY 1, 2, 3;
SELECT column_name, data_type, udt_name FROM information_schema.columns WHERE table_name = 'goods' ORDER BY ordinal_position;
SELECT constraint_name, column_name FROM information_schema.constraint_column_usage WHERE table_name = 'goods' ORDER BY 1, 2;
SELECT conname, conkey FROM pg_constraint WHERE contype = 'c' AND conrelid = 'goods'::regclass ORDER BY 1;
SELECT view_name, table_name FROM information_schema.view_table_usage WHERE table_name = 'goods';
SELECT pg_get_function_arg_default('label'::regproc, 2), pg_get_function_arg_default('label'::regproc, 1);
