\df now
\df substring
\df substring text text
\df make_interval
\df jsonb_path_query
\df json_each
\df concat*
\df nosuch
\dfaS percentile_*
\dfwS
\df+ make_interval
\da string_agg
\da rank
\do ||/
\do ~~*
\do ^
\dC interval
\dC money
\dC bit*
\dT interval
\dT int4range
