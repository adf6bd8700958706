#include "sql/system/system_definitions.h"

#include <array>
#include <initializer_list>
#include <vector>

#include "sql/system/set_functions.h"
#include "sql/system/system_absent.h"
#include "sql/system/system_activity.h"
#include "sql/system/system_privileges.h"
#include "sql/system/system_statistics.h"

namespace weir::sql {
namespace {

constexpr auto kTables = std::to_array<SystemDefinition>({
    {"gp_distribution_policy",
         "localoid oid, policytype char, numsegments int4, distkey int2vector, distclass oidvector", 7142},
    {"gp_partition_template",
         "relid oid, level int2, template pg_node_tree", 8022},
    {"pg_aggregate",
         "aggfnoid regproc, aggkind char, aggnumdirectargs int2, aggtransfn regproc, aggfinalfn regproc, "
         "aggcombinefn regproc, aggserialfn regproc, aggdeserialfn regproc, aggmtransfn regproc, "
         "aggminvtransfn regproc, aggmfinalfn regproc, aggfinalextra bool, aggmfinalextra bool, aggfinalmodify "
         "char, aggmfinalmodify char, aggsortop oid, aggtranstype oid, aggtransspace int4, aggmtranstype oid, "
         "aggmtransspace int4, agginitval text, aggminitval text", 2600},
    {"pg_am",
         "oid oid, amname name, amhandler regproc, amtype char", 2601},
    {"pg_amop",
         "oid oid, amopfamily oid, amoplefttype oid, amoprighttype oid, amopstrategy int2, amoppurpose char, amopopr "
         "oid, amopmethod oid, amopsortfamily oid", 2602},
    {"pg_attrdef",
         "oid oid, adrelid oid, adnum int2, adbin pg_node_tree", 2604},
    {"pg_attribute",
         "attrelid oid, attname name, atttypid oid, attstattarget int4, attlen int2, attnum int2, attndims "
         "int4, attcacheoff int4, atttypmod int4, attbyval bool, attalign char, attstorage char, "
         "attcompression char, attnotnull bool, atthasdef bool, atthasmissing bool, attidentity char, "
         "attgenerated char, attisdropped bool, attislocal bool, attinhcount int4, attcollation oid, attacl "
         "aclitem[], attoptions text[], attfdwoptions text[], attmissingval text[]", 1249},
    {"pg_attribute_encoding",  // Cloudberry's
         "attrelid oid, attnum int2, attoptions text[]", 6231},
    {"pg_auth_members",
         "roleid oid, member oid, grantor oid, admin_option bool", 1261},
    {"pg_authid",
         "oid oid, rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, "
         "rolcanlogin bool, rolreplication bool, rolbypassrls bool, rolconnlimit int4, rolpassword text, "
         "rolvaliduntil timestamptz", 1260},
    // What everybody may know of the roles.
    {"weir_roles",
         "oid oid, rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, "
         "rolcanlogin bool, rolreplication bool, rolbypassrls bool, rolconnlimit int4, rolvaliduntil timestamptz", 0},
    {"pg_cast",
         "oid oid, castsource oid, casttarget oid, castfunc oid, castcontext char, castmethod char", 2605},
    {"pg_class",
         "oid oid, relname name, relnamespace oid, reltype oid, reloftype oid, relowner oid, relam oid, "
         "relfilenode oid, reltablespace oid, relpages int4, reltuples float4, relallvisible int4, "
         "reltoastrelid oid, relhasindex bool, relisshared bool, relpersistence char, relkind char, relnatts "
         "int2, relchecks int2, relhasrules bool, relhastriggers bool, relhassubclass bool, relrowsecurity "
         "bool, relforcerowsecurity bool, relispopulated bool, relreplident char, relispartition bool, "
         "relrewrite oid, relfrozenxid xid, relminmxid xid, relacl aclitem[], reloptions text[], relpartbound "
         "pg_node_tree", 1259},
    {"pg_collation",
         "oid oid, collname name, collnamespace oid, collowner oid, collprovider char, collisdeterministic "
         "bool, collencoding int4, collcollate text, collctype text, colliculocale text, collversion text", 3456},
    {"pg_constraint",
         "oid oid, conname name, connamespace oid, contype char, condeferrable bool, condeferred bool, "
         "convalidated bool, conrelid oid, contypid oid, conindid oid, conparentid oid, confrelid oid, "
         "confupdtype char, confdeltype char, confmatchtype char, conislocal bool, coninhcount int4, "
         "connoinherit bool, conkey int2[], confkey int2[], conpfeqop oid[], conppeqop oid[], conffeqop oid[], "
         "confdelsetcols int2[], conexclop oid[], conbin pg_node_tree", 2606},
    {"pg_conversion",
         "oid oid, conname name, connamespace oid, conowner oid, conforencoding int4, contoencoding int4, "
         "conproc regproc, condefault bool", 2607},
    {"pg_database",
         "oid oid, datname name, datdba oid, encoding int4, datlocprovider char, datistemplate bool, "
         "datallowconn bool, datconnlimit int4, datfrozenxid xid, datminmxid xid, dattablespace oid, "
         "datcollate text, datctype text, daticulocale text, datcollversion text, datacl aclitem[]", 1262},
    {"pg_db_role_setting",
         "setdatabase oid, setrole oid, setconfig text[]", 2964},
    {"pg_default_acl",
         "oid oid, defaclrole oid, defaclnamespace oid, defaclobjtype char, defaclacl aclitem[]", 826},
    {"pg_depend",
         "classid oid, objid oid, objsubid int4, refclassid oid, refobjid oid, refobjsubid int4, deptype char", 2608},
    {"pg_description",
         "objoid oid, classoid oid, objsubid int4, description text", 2609},
    {"pg_enum",
         "oid oid, enumtypid oid, enumsortorder float4, enumlabel name", 3501},
    {"pg_event_trigger",
         "oid oid, evtname name, evtevent name, evtowner oid, evtfoid oid, evtenabled char, evttags text[]", 3466},
    {"pg_extension",
         "oid oid, extname name, extowner oid, extnamespace oid, extrelocatable bool, extversion text, "
         "extconfig oid[], extcondition text[]", 3079},
    {"pg_foreign_data_wrapper",
         "oid oid, fdwname name, fdwowner oid, fdwhandler oid, fdwvalidator oid, fdwacl aclitem[], fdwoptions "
         "text[]", 2328},
    {"pg_foreign_server",
         "oid oid, srvname name, srvowner oid, srvfdw oid, srvtype text, srvversion text, srvacl aclitem[], "
         "srvoptions text[]", 1417},
    {"pg_foreign_table",
         "ftrelid oid, ftserver oid, ftoptions text[]", 3118},
    {"pg_index",
         "indexrelid oid, indrelid oid, indnatts int2, indnkeyatts int2, indisunique bool, indnullsnotdistinct "
         "bool, indisprimary bool, indisexclusion bool, indimmediate bool, indisclustered bool, indisvalid "
         "bool, indcheckxmin bool, indisready bool, indislive bool, indisreplident bool, indkey int2vector, "
         "indcollation oidvector, indclass oidvector, indoption int2vector, indexprs pg_node_tree, indpred "
         "pg_node_tree", 2610},
    {"pg_inherits",
         "inhrelid oid, inhparent oid, inhseqno int4, inhdetachpending bool", 2611},
    {"pg_language",
         "oid oid, lanname name, lanowner oid, lanispl bool, lanpltrusted bool, lanplcallfoid oid, laninline "
         "oid, lanvalidator oid, lanacl aclitem[]", 2612},
    {"pg_namespace",
         "oid oid, nspname name, nspowner oid, nspacl aclitem[]", 2615},
    {"pg_opclass",
         "oid oid, opcmethod oid, opcname name, opcnamespace oid, opcowner oid, opcfamily oid, opcintype oid, "
         "opcdefault bool, opckeytype oid", 2616},
    {"pg_operator",
         "oid oid, oprname name, oprnamespace oid, oprowner oid, oprkind char, oprcanmerge bool, oprcanhash "
         "bool, oprleft oid, oprright oid, oprresult oid, oprcom oid, oprnegate oid, oprcode regproc, oprrest "
         "regproc, oprjoin regproc", 2617},
    {"pg_opfamily",
         "oid oid, opfmethod oid, opfname name, opfnamespace oid, opfowner oid", 2753},
    {"pg_partitioned_table",
         "partrelid oid, partstrat char, partnatts int2, partdefid oid, partattrs int2vector, partclass "
         "oidvector, partcollation oidvector, partexprs pg_node_tree", 3350},
    {"pg_policy",
         "oid oid, polname name, polrelid oid, polcmd char, polpermissive bool, polroles oid[], polqual "
         "pg_node_tree, polwithcheck pg_node_tree", 3256},
    {"pg_proc",
         "oid oid, proname name, pronamespace oid, proowner oid, prolang oid, procost float4, prorows float4, "
         "provariadic oid, prosupport regproc, prokind char, prosecdef bool, proleakproof bool, proisstrict "
         "bool, proretset bool, provolatile char, proparallel char, pronargs int2, pronargdefaults int2, "
         "prorettype oid, proargtypes oidvector, proallargtypes oid[], proargmodes char[], proargnames text[], "
         "proargdefaults pg_node_tree, protrftypes oid[], prosrc text, probin text, prosqlbody pg_node_tree, "
         "proconfig text[], proacl aclitem[]", 1255},
    {"pg_publication",
         "oid oid, pubname name, pubowner oid, puballtables bool, pubinsert bool, pubupdate bool, pubdelete "
         "bool, pubtruncate bool, pubviaroot bool", 6104},
    {"pg_publication_namespace",
         "oid oid, pnpubid oid, pnnspid oid", 6237},
    {"pg_publication_rel",
         "oid oid, prpubid oid, prrelid oid, prqual pg_node_tree, prattrs int2vector", 6106},
    {"pg_range",
         "rngtypid oid, rngsubtype oid, rngmultitypid oid, rngcollation oid, rngsubopc oid, rngcanonical "
         "regproc, rngsubdiff regproc", 3541},
    {"pg_rewrite",
         "oid oid, rulename name, ev_class oid, ev_type char, ev_enabled char, is_instead bool, ev_qual "
         "pg_node_tree, ev_action pg_node_tree", 2618},
    {"pg_seclabel",
         "objoid oid, classoid oid, objsubid int4, provider text, label text", 3596},
    {"pg_sequence",
         "seqrelid oid, seqtypid oid, seqstart int8, seqincrement int8, seqmax int8, seqmin int8, seqcache "
         "int8, seqcycle bool", 2224},
    {"pg_shdescription",
         "objoid oid, classoid oid, description text", 2396},
    {"pg_statistic_ext",
         "oid oid, stxrelid oid, stxname name, stxnamespace oid, stxowner oid, stxstattarget int4, stxkeys "
         "int2vector, stxkind char[], stxexprs pg_node_tree", 3381},
    {"pg_subscription",
         "oid oid, subdbid oid, subskiplsn pg_lsn, subname name, subowner oid, subenabled bool, subbinary "
         "bool, substream bool, subtwophasestate char, subdisableonerr bool, subconninfo text, subslotname "
         "name, subsynccommit text, subpublications text[]", 6100},
    {"pg_tablespace",
         "oid oid, spcname name, spcowner oid, spcacl aclitem[], spcoptions text[]", 1213},
    {"pg_trigger",
         "oid oid, tgrelid oid, tgparentid oid, tgname name, tgfoid oid, tgtype int2, tgenabled char, "
         "tgisinternal bool, tgconstrrelid oid, tgconstrindid oid, tgconstraint oid, tgdeferrable bool, "
         "tginitdeferred bool, tgnargs int2, tgattr int2vector, tgargs bytea, tgqual pg_node_tree, tgoldtable "
         "name, tgnewtable name", 2620},
    {"pg_ts_config",
         "oid oid, cfgname name, cfgnamespace oid, cfgowner oid, cfgparser oid", 3602},
    {"pg_ts_dict",
         "oid oid, dictname name, dictnamespace oid, dictowner oid, dicttemplate oid, dictinitoption text", 3600},
    {"pg_ts_parser",
         "oid oid, prsname name, prsnamespace oid, prsstart regproc, prstoken regproc, prsend regproc, "
         "prsheadline regproc, prslextype regproc", 3601},
    {"pg_ts_template",
         "oid oid, tmplname name, tmplnamespace oid, tmplinit regproc, tmpllexize regproc", 3764},
    {"pg_type",
         "oid oid, typname name, typnamespace oid, typowner oid, typlen int2, typbyval bool, typtype char, "
         "typcategory char, typispreferred bool, typisdefined bool, typdelim char, typrelid oid, typsubscript "
         "regproc, typelem oid, typarray oid, typinput regproc, typoutput regproc, typreceive regproc, typsend "
         "regproc, typmodin regproc, typmodout regproc, typanalyze regproc, typalign char, typstorage char, "
         "typnotnull bool, typbasetype oid, typtypmod int4, typndims int4, typcollation oid, typdefaultbin "
         "pg_node_tree, typdefault text, typacl aclitem[]", 1247},
    {"pg_user_mapping",
         "oid oid, umuser oid, umserver oid, umoptions text[]", 1418},
    {"pg_settings",
         "name text, setting text, unit text, category text, short_desc text, extra_desc text, context text, vartype "
         "text, source text, min_val text, max_val text, enumvals text[], boot_val text, reset_val text, sourcefile "
         "text, sourceline int4, pending_restart bool"},
});

constexpr auto kToolkitTables = std::to_array<SystemDefinition>({
    {"gp_partitions",
         "schemaname name, tablename name, partitionschemaname name, partitiontablename name, "
         "parentpartitiontablename regclass, partitiontype text, partitionlevel int4, partitionrank int8, "
         "partitionlistvalues text, partitionrangestart text, partitionrangeend text, partitionisdefault bool, "
         "partitionboundary text, parenttablespace name, partitiontablespace name"},
    // What gp_read_error_log reads.
    {"gp_error_log",
         "relid oid, cmdtime timestamptz, relname text, filename text, linenum int4, errmsg text, rawdata text"},
});

#define TEXT_NULL(name) "NULL::VARCHAR AS " name

#define SETTINGS_OF_ROLE                                                                                      \
  "(SELECT s.setconfig FROM weir.pg_catalog.pg_db_role_setting s WHERE s.setrole = r.oid AND s.setdatabase = 0) AS "

constexpr auto kCatalogViews = std::to_array<SystemDefinition>({
    {"pg_roles",
     "SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolconnlimit, "
     "'********' AS rolpassword, rolvaliduntil, rolbypassrls, " SETTINGS_OF_ROLE "rolconfig, oid "
     "FROM weir.pg_catalog.weir_roles r"},
    {"pg_user",
     "SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, rolreplication AS "
     "userepl, rolbypassrls AS usebypassrls, '********' AS passwd, rolvaliduntil AS valuntil, " SETTINGS_OF_ROLE
     "useconfig FROM weir.pg_catalog.weir_roles r WHERE rolcanlogin"},
    {"pg_shadow",
     "SELECT rolname AS usename, oid AS usesysid, rolcreatedb AS usecreatedb, rolsuper AS usesuper, rolreplication AS "
     "userepl, rolbypassrls AS usebypassrls, rolpassword AS passwd, rolvaliduntil AS valuntil, " SETTINGS_OF_ROLE
     "useconfig FROM weir.pg_catalog.pg_authid r WHERE rolcanlogin"},
    {"pg_group",
     "SELECT rolname AS groname, oid AS grosysid, coalesce((SELECT list(m.member) FROM "
     "weir.pg_catalog.pg_auth_members m WHERE m.roleid = r.oid), []::BIGINT[]) AS grolist "
     "FROM weir.pg_catalog.weir_roles r WHERE NOT rolcanlogin"},
    {"pg_tables",
     "SELECT n.nspname AS schemaname, c.relname AS tablename, pg_get_userbyid(c.relowner) AS tableowner, "
     "NULL::VARCHAR AS tablespace, c.relhasindex AS hasindexes, c.relhasrules AS hasrules, "
     "c.relhastriggers AS hastriggers, c.relrowsecurity AS "
     "rowsecurity FROM weir.pg_catalog.pg_class c LEFT JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "WHERE c.relkind IN ('r', 'p')"},
    {"pg_indexes",
     "SELECT n.nspname AS schemaname, c.relname AS tablename, i.relname AS indexname, NULL::VARCHAR AS tablespace, "
     "pg_get_indexdef(i.oid) AS indexdef FROM weir.pg_catalog.pg_index x "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = x.indrelid JOIN weir.pg_catalog.pg_class i ON i.oid = x.indexrelid "
     "LEFT JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace"},
    {"pg_views",
     "SELECT n.nspname AS schemaname, c.relname AS viewname, pg_get_userbyid(c.relowner) AS viewowner, "
     "pg_get_viewdef(c.oid) AS definition FROM weir.pg_catalog.pg_class c "
     "LEFT JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'v'"},
    {"pg_matviews",
     "SELECT n.nspname AS schemaname, c.relname AS matviewname, pg_get_userbyid(c.relowner) AS matviewowner, "
     "NULL::VARCHAR AS tablespace, c.relhasindex AS hasindexes, c.relispopulated AS ispopulated, "
     "pg_get_viewdef(c.oid) AS definition FROM weir.pg_catalog.pg_class c "
     "LEFT JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm'"},
    {"pg_sequences",
     "SELECT n.nspname AS schemaname, c.relname AS sequencename, pg_get_userbyid(c.relowner) AS sequenceowner, "
     "s.seqtypid AS data_type, s.seqstart AS start_value, s.seqmin AS min_value, s.seqmax AS "
     "max_value, s.seqincrement AS increment_by, s.seqcycle AS cycle, s.seqcache AS cache_size, "
     "pg_sequence_last_value(c.oid) AS last_value FROM weir.pg_catalog.pg_sequence s "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = s.seqrelid "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace"},
});

// Behind a constraint: the table it is of, and the schema.
#define OF_CONSTRAINT                                                                                   \
  "FROM weir.pg_catalog.pg_constraint k JOIN weir.pg_catalog.pg_class c ON c.oid = k.conrelid "         \
  "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
#define CONSTRAINT_NAME                                                                                 \
  "current_database() AS constraint_catalog, n.nspname AS constraint_schema, k.conname AS constraint_name"
#define ACTION_NAME(code)                                                                               \
  "CASE " code " WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT' "         \
  "WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END"
// pg_attribute, columns of domains with the types that these are over.
#define WITHOUT_DOMAINS                                                                                             \
  "(SELECT x.* REPLACE (CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE x.atttypid END AS atttypid, CASE WHEN "   \
  "y.typtype = 'd' THEN y.typtypmod ELSE x.atttypmod END AS atttypmod), CASE WHEN y.typtype = 'd' THEN y.typname "  \
  "END AS domain_name, CASE WHEN y.typtype = 'd' THEN y.typnamespace END AS domain_schema "                         \
  "FROM weir.pg_catalog.pg_attribute x LEFT JOIN weir.pg_catalog.pg_type y ON y.oid = x.atttypid)"
// Whether a role may see the table c, its column a, what constrains it, and what is its owner's to see.
#define IS_OWNER "pg_has_role(c.relowner, 'USAGE')"
#define MAY_SEE_TABLE                                                                                              \
  "(" IS_OWNER " OR has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') "  \
  "OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))"
#define MAY_SEE_COLUMN \
  "(" IS_OWNER " OR has_column_privilege(c.oid, a.attnum::SMALLINT, 'SELECT, INSERT, UPDATE, REFERENCES'))"
#define MAY_CHANGE_TABLE                                                                                   \
  "(" IS_OWNER " OR has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') "  \
  "OR has_any_column_privilege(c.oid, 'INSERT, UPDATE, REFERENCES'))"
#define TABLE_NAME "current_database() AS table_catalog, n.nspname AS table_schema, c.relname AS table_name"
// Of what a view's query names: the view v, and the tables and columns c.
#define VIEW_NAME "current_database() AS view_catalog, vn.nspname AS view_schema, v.relname AS view_name"
#define OF_VIEW                                                                                         \
  "FROM weir.pg_catalog.pg_rewrite w JOIN weir.pg_catalog.pg_class v ON v.oid = w.ev_class "            \
  "JOIN weir.pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace "                                    \
  "JOIN weir.pg_catalog.pg_depend d ON d.classid = 2618 AND d.objid = w.oid AND d.refclassid = 1259 "   \
  "JOIN weir.pg_catalog.pg_class c ON c.oid = d.refobjid "                                              \
  "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "

constexpr auto kInformationViews = std::to_array<SystemDefinition>({
    {"information_schema_catalog_name", "SELECT current_database() AS catalog_name"},
    {"schemata",
     "SELECT current_database() AS catalog_name, nspname AS schema_name, pg_get_userbyid(nspowner) AS schema_owner, "
     TEXT_NULL("default_character_set_catalog") ", " TEXT_NULL("default_character_set_schema") ", "
     TEXT_NULL("default_character_set_name") ", " TEXT_NULL("sql_path") " FROM weir.pg_catalog.pg_namespace"},
    {"tables",
     "SELECT " TABLE_NAME ", CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN' ELSE 'BASE TABLE' END AS "
     "table_type, "
     TEXT_NULL("self_referencing_column_name") ", "
     TEXT_NULL("reference_generation") ", CASE WHEN ot.oid IS NOT NULL THEN current_database() END AS "
     "user_defined_type_catalog, otn.nspname AS user_defined_type_schema, ot.typname AS user_defined_type_name"
     ", CASE WHEN pg_relation_is_updatable(c.oid, false) & 8 = 8 THEN 'YES' ELSE 'NO' END AS is_insertable_into, "
     "CASE WHEN ot.oid IS NOT NULL THEN 'YES' ELSE 'NO' END AS "
     "is_typed, " TEXT_NULL("commit_action")
     " FROM weir.pg_catalog.pg_class c JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "LEFT JOIN weir.pg_catalog.pg_type ot ON ot.oid = c.reloftype AND c.reloftype <> 0 "
     "LEFT JOIN weir.pg_catalog.pg_namespace otn ON otn.oid = ot.typnamespace "
     "WHERE c.relkind IN ('r', 'p', 'v', 'f') AND " MAY_SEE_TABLE},
    {"columns",
     "SELECT " TABLE_NAME ", a.attname AS column_name, a.attnum::INTEGER AS ordinal_position, "
     "CASE a.attgenerated WHEN '' THEN d.adbin END AS column_default, CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END "
     "AS is_nullable, CASE WHEN t.typcategory = 'A' "
     "THEN 'ARRAY' WHEN tn.nspname <> 'pg_catalog' THEN 'USER-DEFINED' ELSE format_type(a.atttypid, NULL) END AS "
     "data_type, CASE WHEN a.atttypid IN (1042, 1043) AND "
     "a.atttypmod > 0 THEN a.atttypmod - 4 WHEN a.atttypid IN (1560, 1562) AND a.atttypmod > 0 THEN a.atttypmod END "
     "AS character_maximum_length, CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 0 THEN 4 * (a.atttypmod - "
     "4) WHEN a.atttypid IN (25, 1042, 1043) THEN 1073741824 END AS character_octet_length, CASE a.atttypid WHEN 21 "
     "THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN a.atttypmod "
     "> 0 THEN ((a.atttypmod - 4) >> 16) & 65535 END END AS numeric_precision, CASE WHEN a.atttypid IN (20, 21, 23, "
     "700, 701) THEN 2 WHEN a.atttypid = 1700 THEN 10 END AS numeric_precision_radix, CASE WHEN a.atttypid IN (20, "
     "21, 23) THEN 0 WHEN a.atttypid = 1700 AND a.atttypmod > 0 THEN (a.atttypmod - 4) & 65535 END AS numeric_scale, "
     "CASE WHEN a.atttypid = 1082 THEN 0 WHEN a.atttypid IN (1083, 1114, 1184, 1266) THEN CASE WHEN a.atttypmod < 0 "
     "THEN 6 ELSE a.atttypmod END WHEN a.atttypid = 1186 THEN CASE WHEN a.atttypmod < 0 OR a.atttypmod & 65535 = 65535 "
     "THEN 6 ELSE a.atttypmod & 65535 END END AS datetime_precision, CASE WHEN a.atttypid = 1186 THEN "
     "nullif(upper(regexp_extract(format_type(a.atttypid, a.atttypmod), '^interval (.+)$', 1)), "
     "'') END AS interval_type"
     ", NULL::INTEGER AS interval_precision, " TEXT_NULL("character_set_catalog") ", "
     TEXT_NULL("character_set_schema") ", " TEXT_NULL("character_set_name") ", CASE WHEN co.oid IS NOT NULL THEN "
     "current_database() END AS collation_catalog, CASE WHEN co.oid IS NOT NULL THEN 'pg_catalog' END AS "
     "collation_schema, co.collname AS collation_name, CASE WHEN a.domain_name IS NOT NULL THEN current_database() "
     "END AS domain_catalog, "
     "dn.nspname AS domain_schema, a.domain_name, current_database() AS udt_catalog, tn.nspname AS udt_schema, "
     "t.typname AS "
     "udt_name, " TEXT_NULL("scope_catalog") ", " TEXT_NULL("scope_schema") ", " TEXT_NULL("scope_name")
     ", NULL::INTEGER AS maximum_cardinality, a.attnum::VARCHAR AS dtd_identifier, 'NO' AS is_self_referencing, "
     "CASE a.attidentity WHEN '' THEN 'NO' ELSE 'YES' END AS is_identity, CASE a.attidentity WHEN 'a' THEN 'ALWAYS' "
     "WHEN 'd' THEN 'BY DEFAULT' END AS identity_generation, i.seqstart::VARCHAR AS identity_start, "
     "i.seqincrement::VARCHAR AS identity_increment, i.seqmax::VARCHAR AS identity_maximum, i.seqmin::VARCHAR AS "
     "identity_minimum, CASE WHEN i.seqcycle THEN 'YES' ELSE 'NO' END AS identity_cycle, "
     "CASE a.attgenerated WHEN '' THEN 'NEVER' ELSE 'ALWAYS' END AS is_generated, "
     "CASE a.attgenerated WHEN '' THEN NULL ELSE d.adbin END AS generation_expression, "
     "CASE WHEN c.relkind IN ('r', 'p') OR pg_column_is_updatable(c.oid, a.attnum, false) THEN 'YES' ELSE 'NO' END AS "
     "is_updatable "
     "FROM " WITHOUT_DOMAINS " a "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = a.attrelid "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "LEFT JOIN weir.pg_catalog.pg_type t ON t.oid = a.atttypid "
     "LEFT JOIN weir.pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace "
     "LEFT JOIN weir.pg_catalog.pg_namespace dn ON dn.oid = a.domain_schema "
     "LEFT JOIN weir.pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
     "LEFT JOIN weir.pg_catalog.pg_collation co ON co.oid = a.attcollation AND co.oid <> t.typcollation "
     "LEFT JOIN (SELECT p.refobjid, p.refobjsubid, q.* FROM weir.pg_catalog.pg_depend p "
     "JOIN weir.pg_catalog.pg_sequence q ON q.seqrelid = p.objid WHERE p.deptype = 'i') i "
     "ON i.refobjid = a.attrelid AND i.refobjsubid = a.attnum "
     "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'f') AND " MAY_SEE_COLUMN},
    {"table_constraints",
     "SELECT " CONSTRAINT_NAME ", " TABLE_NAME ", CASE k.contype WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' "
     "WHEN 'f' THEN 'FOREIGN KEY' ELSE 'CHECK' END AS constraint_type, CASE WHEN k.condeferrable THEN 'YES' ELSE 'NO' "
     "END AS is_deferrable, CASE WHEN k.condeferred THEN 'YES' ELSE 'NO' END AS initially_deferred, 'YES' AS enforced, "
     "CASE WHEN k.contype = 'u' THEN 'YES' END AS nulls_distinct " OF_CONSTRAINT "WHERE " MAY_CHANGE_TABLE
     " UNION ALL SELECT current_database(), n.nspname, n.oid || '_' || c.oid || '_' || a.attnum || '_not_null', "
     "current_database(), n.nspname, c.relname, 'CHECK', 'NO', 'NO', 'YES', NULL FROM weir.pg_catalog.pg_attribute a "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = a.attrelid "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND " MAY_CHANGE_TABLE},
    {"key_column_usage",
     "SELECT constraint_catalog, constraint_schema, constraint_name, table_catalog, table_schema, table_name, "
     "a.attname AS column_name, place::INTEGER AS ordinal_position, CASE WHEN contype = 'f' THEN "
     "list_position(i.indkey, confkey[place]) END::INTEGER AS position_in_unique_constraint "
     "FROM (SELECT " CONSTRAINT_NAME ", " TABLE_NAME ", k.conrelid, k.contype, k.confkey, k.conindid, "
     "unnest(k.conkey) AS number, generate_subscripts(k.conkey, 1) AS place " OF_CONSTRAINT
     "WHERE k.contype IN ('p', 'u', 'f')) "
     "JOIN weir.pg_catalog.pg_attribute a ON a.attrelid = conrelid AND a.attnum = number "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = conrelid "
     "LEFT JOIN weir.pg_catalog.pg_index i ON i.indexrelid = conindid WHERE " MAY_SEE_COLUMN},
    {"constraint_column_usage",
     "SELECT table_catalog, table_schema, table_name, a.attname AS column_name, constraint_catalog, "
     "constraint_schema, constraint_name FROM (SELECT " CONSTRAINT_NAME ", " TABLE_NAME
     ", k.conrelid, unnest(k.conkey) AS number " OF_CONSTRAINT "WHERE k.contype <> 'f' AND " IS_OWNER ") "
     "JOIN weir.pg_catalog.pg_attribute a ON a.attrelid = conrelid AND a.attnum = number "
     "UNION ALL SELECT current_database(), rn.nspname, rc.relname, a.attname, constraint_catalog, constraint_schema, "
     "constraint_name FROM (SELECT " CONSTRAINT_NAME ", k.confrelid, unnest(k.confkey) AS number " OF_CONSTRAINT
     "WHERE k.contype = 'f') JOIN weir.pg_catalog.pg_attribute a ON a.attrelid = confrelid AND a.attnum = number "
     "JOIN weir.pg_catalog.pg_class rc ON rc.oid = confrelid "
     "JOIN weir.pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace WHERE pg_has_role(rc.relowner, 'USAGE')"},
    {"check_constraints",
     "SELECT " CONSTRAINT_NAME ", '(' || k.conbin || ')' AS check_clause " OF_CONSTRAINT
     "WHERE k.contype = 'c' AND " IS_OWNER " UNION ALL SELECT current_database(), n.nspname, "
     "n.oid || '_' || c.oid || '_' || a.attnum || '_not_null', "
     "a.attname || ' IS NOT NULL' FROM weir.pg_catalog.pg_attribute a "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = a.attrelid "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "WHERE a.attnotnull AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND " IS_OWNER},
    {"constraint_table_usage",
     "SELECT " TABLE_NAME ", " CONSTRAINT_NAME " " OF_CONSTRAINT "WHERE k.contype IN ('p', 'u') AND " IS_OWNER},
    {"column_udt_usage",
     "SELECT current_database() AS udt_catalog, tn.nspname AS udt_schema, t.typname AS udt_name, " TABLE_NAME
     ", a.attname AS column_name FROM " WITHOUT_DOMAINS " a "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = a.attrelid "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "JOIN weir.pg_catalog.pg_type t ON t.oid = a.atttypid "
     "JOIN weir.pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace "
     "WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v') AND pg_has_role(t.typowner, 'USAGE')"},
    {"view_table_usage",
     "SELECT DISTINCT " VIEW_NAME ", " TABLE_NAME " " OF_VIEW "WHERE d.refobjid <> v.oid AND v.relkind = 'v' AND "
     "" IS_OWNER},
    {"view_column_usage",
     "SELECT DISTINCT " VIEW_NAME ", " TABLE_NAME ", a.attname AS column_name " OF_VIEW
     "JOIN weir.pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid "
     "WHERE d.refobjid <> v.oid AND v.relkind = 'v' AND " IS_OWNER},
    {"domain_constraints",
     "SELECT current_database() AS constraint_catalog, n.nspname AS constraint_schema, k.conname AS constraint_name, "
     "current_database() AS domain_catalog, n.nspname AS domain_schema, t.typname AS domain_name, "
     "'NO' AS is_deferrable, "
     "'NO' AS initially_deferred FROM weir.pg_catalog.pg_constraint k "
     "JOIN weir.pg_catalog.pg_type t ON t.oid = k.contypid "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = t.typnamespace"},
    {"domains",
     "SELECT current_database() AS domain_catalog, n.nspname AS domain_schema, t.typname AS domain_name, CASE WHEN "
     "b.typtype = 'e' THEN 'USER-DEFINED' ELSE format_type(t.typbasetype, NULL) END AS data_type, CASE WHEN "
     "t.typbasetype IN (1042, 1043) AND t.typtypmod > 0 THEN t.typtypmod - 4 WHEN t.typbasetype IN (1560, 1562) AND "
     "t.typtypmod > 0 THEN t.typtypmod END AS character_maximum_length, CASE WHEN t.typbasetype IN (1042, 1043) AND "
     "t.typtypmod > 0 THEN 4 * (t.typtypmod - 4) WHEN t.typbasetype IN (25, 1042, 1043) THEN 1073741824 END AS "
     "character_octet_length, " TEXT_NULL("character_set_catalog") ", " TEXT_NULL("character_set_schema") ", "
     TEXT_NULL("character_set_name") ", " TEXT_NULL("collation_catalog") ", " TEXT_NULL("collation_schema") ", "
     TEXT_NULL("collation_name") ", CASE t.typbasetype WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN "
     "24 "
     "WHEN 701 THEN 53 WHEN 1700 THEN CASE WHEN t.typtypmod > 0 THEN ((t.typtypmod - 4) >> 16) & 65535 END END AS "
     "numeric_precision, CASE WHEN t.typbasetype IN (20, 21, 23, 700, 701) THEN 2 WHEN t.typbasetype = 1700 THEN 10 "
     "END "
     "AS numeric_precision_radix, CASE WHEN t.typbasetype IN (20, 21, 23) THEN 0 WHEN t.typbasetype = 1700 AND "
     "t.typtypmod > 0 THEN (t.typtypmod - 4) & 65535 END AS numeric_scale, CASE WHEN t.typbasetype = 1082 THEN 0 WHEN "
     "t.typbasetype IN (1083, 1114, 1184, 1266) THEN CASE WHEN t.typtypmod < 0 THEN 6 ELSE t.typtypmod END END AS "
     "datetime_precision, " TEXT_NULL("interval_type") ", NULL::INTEGER AS interval_precision, t.typdefault AS "
     "domain_default, current_database() AS udt_catalog, bn.nspname AS udt_schema, b.typname AS udt_name, "
     TEXT_NULL("scope_catalog") ", " TEXT_NULL("scope_schema") ", " TEXT_NULL("scope_name")
     ", NULL::INTEGER AS maximum_cardinality, '1' AS dtd_identifier FROM weir.pg_catalog.pg_type t "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = t.typnamespace "
     "JOIN weir.pg_catalog.pg_type b ON b.oid = t.typbasetype "
     "JOIN weir.pg_catalog.pg_namespace bn ON bn.oid = b.typnamespace WHERE t.typtype = 'd' "
     "AND (pg_has_role(t.typowner, 'USAGE') OR has_type_privilege(t.oid, 'USAGE'))"},
    {"collations",
     "SELECT current_database() AS collation_catalog, n.nspname AS collation_schema, c.collname AS collation_name, "
     "'NO PAD' AS pad_attribute FROM weir.pg_catalog.pg_collation c "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.collnamespace"},
    {"collation_character_set_applicability",
     "SELECT current_database() AS collation_catalog, n.nspname AS collation_schema, c.collname AS collation_name, "
     TEXT_NULL("character_set_catalog") ", " TEXT_NULL("character_set_schema") ", 'UTF8' AS character_set_name "
     "FROM weir.pg_catalog.pg_collation c JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.collnamespace"},
    {"character_sets",
     "SELECT " TEXT_NULL("character_set_catalog") ", " TEXT_NULL("character_set_schema")
     ", 'UTF8' AS character_set_name, 'UCS' AS character_repertoire, 'UTF8' AS form_of_use, "
     "current_database() AS default_collate_catalog, 'pg_catalog' AS default_collate_schema, "
     "'C' AS default_collate_name"},
    {"referential_constraints",
     "SELECT " CONSTRAINT_NAME ", CASE WHEN u.conname IS NOT NULL THEN current_database() END AS "
     "unique_constraint_catalog, un.nspname AS unique_constraint_schema, u.conname AS unique_constraint_name, "
     "CASE k.confmatchtype WHEN 'f' THEN 'FULL' ELSE 'NONE' END AS match_option, " ACTION_NAME("k.confupdtype")
     " AS update_rule, " ACTION_NAME("k.confdeltype") " AS delete_rule " OF_CONSTRAINT
     "LEFT JOIN weir.pg_catalog.pg_constraint u ON u.conindid = k.conindid AND u.contype IN ('p', 'u') "
     "LEFT JOIN weir.pg_catalog.pg_namespace un ON un.oid = u.connamespace "
     "WHERE k.contype = 'f' AND " MAY_CHANGE_TABLE},
    {"views",
     "SELECT " TABLE_NAME ", pg_get_viewdef(c.oid) AS view_definition, "
     "CASE WHEN list_contains(c.reloptions, 'check_option=cascaded') THEN 'CASCADED' "
     "WHEN list_contains(c.reloptions, 'check_option=local') THEN 'LOCAL' ELSE 'NONE' END AS check_option, "
     "CASE WHEN pg_relation_is_updatable(c.oid, false) & 20 = 20 THEN 'YES' ELSE 'NO' END AS is_updatable, "
     "CASE WHEN pg_relation_is_updatable(c.oid, false) & 8 = 8 THEN 'YES' ELSE 'NO' END AS is_insertable_into, "
     "'NO' AS is_trigger_updatable, 'NO' AS is_trigger_deletable, 'NO' AS is_trigger_insertable_into "
     "FROM weir.pg_catalog.pg_class c JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "WHERE c.relkind = 'v' AND " MAY_SEE_TABLE},
    {"routines",
     "SELECT current_database() AS specific_catalog, n.nspname AS specific_schema, p.proname || '_' || "
     "p.oid AS specific_name, current_database() AS routine_catalog, n.nspname AS routine_schema, "
     "p.proname AS routine_name, CASE p.prokind WHEN 'f' THEN 'FUNCTION' WHEN 'p' THEN 'PROCEDURE' END AS "
     "routine_type, NULL::VARCHAR AS module_catalog, NULL::VARCHAR AS module_schema, NULL::VARCHAR AS "
     "module_name, NULL::VARCHAR AS udt_catalog, NULL::VARCHAR AS udt_schema, NULL::VARCHAR AS udt_name, "
     "CASE WHEN p.prokind = 'p' THEN NULL ELSE CASE WHEN t.typcategory = 'A' THEN 'ARRAY' WHEN tn.nspname "
     "= 'pg_catalog' THEN format_type(t.oid, NULL) ELSE 'USER-DEFINED' END END AS data_type, "
     "NULL::INTEGER AS character_maximum_length, NULL::INTEGER AS character_octet_length, NULL::VARCHAR "
     "AS character_set_catalog, NULL::VARCHAR AS character_set_schema, NULL::VARCHAR AS "
     "character_set_name, NULL::VARCHAR AS collation_catalog, NULL::VARCHAR AS collation_schema, "
     "NULL::VARCHAR AS collation_name, NULL::INTEGER AS numeric_precision, NULL::INTEGER AS "
     "numeric_precision_radix, NULL::INTEGER AS numeric_scale, NULL::INTEGER AS datetime_precision, "
     "NULL::VARCHAR AS interval_type, NULL::INTEGER AS interval_precision, CASE WHEN p.prokind <> 'p' "
     "THEN current_database() END AS type_udt_catalog, CASE WHEN p.prokind <> 'p' THEN tn.nspname END AS "
     "type_udt_schema, CASE WHEN p.prokind <> 'p' THEN t.typname END AS type_udt_name, NULL::VARCHAR AS "
     "scope_catalog, NULL::VARCHAR AS scope_schema, NULL::VARCHAR AS scope_name, NULL::INTEGER AS "
     "maximum_cardinality, CASE WHEN p.prokind <> 'p' THEN '0' END AS dtd_identifier, CASE l.lanname WHEN "
     "'sql' THEN 'SQL' ELSE 'EXTERNAL' END AS routine_body, CASE WHEN pg_has_role(p.proowner, 'USAGE') "
     "THEN p.prosrc END AS routine_definition, NULL::VARCHAR AS external_name, upper(l.lanname) AS "
     "external_language, 'GENERAL' AS parameter_style, CASE p.provolatile WHEN 'i' THEN 'YES' ELSE 'NO' "
     "END AS is_deterministic, 'MODIFIES' AS sql_data_access, CASE WHEN p.prokind = 'p' THEN NULL WHEN "
     "p.proisstrict THEN 'YES' ELSE 'NO' END AS is_null_call, NULL::VARCHAR AS sql_path, 'YES' AS "
     "schema_level_routine, 0 AS max_dynamic_result_sets, NULL::VARCHAR AS is_user_defined_cast, "
     "NULL::VARCHAR AS is_implicitly_invocable, CASE WHEN p.prosecdef THEN 'DEFINER' ELSE 'INVOKER' END "
     "AS security_type, NULL::VARCHAR AS to_sql_specific_catalog, NULL::VARCHAR AS "
     "to_sql_specific_schema, NULL::VARCHAR AS to_sql_specific_name, 'NO' AS as_locator, "
     "NULL::TIMESTAMPTZ AS created, NULL::TIMESTAMPTZ AS last_altered, NULL::VARCHAR AS "
     "new_savepoint_level, 'NO' AS is_udt_dependent, NULL::VARCHAR AS result_cast_from_data_type, "
     "NULL::VARCHAR AS result_cast_as_locator, NULL::INTEGER AS result_cast_char_max_length, "
     "NULL::INTEGER AS result_cast_char_octet_length, NULL::VARCHAR AS result_cast_char_set_catalog, "
     "NULL::VARCHAR AS result_cast_char_set_schema, NULL::VARCHAR AS result_cast_char_set_name, "
     "NULL::VARCHAR AS result_cast_collation_catalog, NULL::VARCHAR AS result_cast_collation_schema, "
     "NULL::VARCHAR AS result_cast_collation_name, NULL::INTEGER AS result_cast_numeric_precision, "
     "NULL::INTEGER AS result_cast_numeric_precision_radix, NULL::INTEGER AS result_cast_numeric_scale, "
     "NULL::INTEGER AS result_cast_datetime_precision, NULL::VARCHAR AS result_cast_interval_type, "
     "NULL::INTEGER AS result_cast_interval_precision, NULL::VARCHAR AS result_cast_type_udt_catalog, "
     "NULL::VARCHAR AS result_cast_type_udt_schema, NULL::VARCHAR AS result_cast_type_udt_name, "
     "NULL::VARCHAR AS result_cast_scope_catalog, NULL::VARCHAR AS result_cast_scope_schema, "
     "NULL::VARCHAR AS result_cast_scope_name, NULL::INTEGER AS result_cast_maximum_cardinality, "
     "NULL::VARCHAR AS result_cast_dtd_identifier FROM weir.pg_catalog.pg_proc p JOIN "
     "weir.pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN weir.pg_catalog.pg_language l ON "
     "l.oid = p.prolang LEFT JOIN weir.pg_catalog.pg_type t ON t.oid = p.prorettype LEFT JOIN "
     "weir.pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace WHERE pg_has_role(p.proowner, 'USAGE') "
     "OR has_function_privilege(p.oid, 'EXECUTE')"},
    {"parameters",
     "SELECT current_database() AS specific_catalog, n.nspname AS specific_schema, p.proname || '_' || "
     "p.oid AS specific_name, p.place::INTEGER AS ordinal_position, CASE coalesce(p.proargmodes[p.place], "
     "'i') WHEN 'o' THEN 'OUT' WHEN 't' THEN 'OUT' WHEN 'b' THEN 'INOUT' ELSE 'IN' END AS parameter_mode, "
     "'NO' AS is_result, 'NO' AS as_locator, nullif(p.proargnames[p.place], '') AS parameter_name, CASE "
     "WHEN t.typcategory = 'A' THEN 'ARRAY' WHEN tn.nspname = 'pg_catalog' THEN format_type(t.oid, NULL) "
     "ELSE 'USER-DEFINED' END AS data_type, NULL::INTEGER AS character_maximum_length, NULL::INTEGER AS "
     "character_octet_length, NULL::VARCHAR AS character_set_catalog, NULL::VARCHAR AS "
     "character_set_schema, NULL::VARCHAR AS character_set_name, NULL::VARCHAR AS collation_catalog, "
     "NULL::VARCHAR AS collation_schema, NULL::VARCHAR AS collation_name, NULL::INTEGER AS "
     "numeric_precision, NULL::INTEGER AS numeric_precision_radix, NULL::INTEGER AS numeric_scale, "
     "NULL::INTEGER AS datetime_precision, NULL::VARCHAR AS interval_type, NULL::INTEGER AS "
     "interval_precision, current_database() AS udt_catalog, tn.nspname AS udt_schema, t.typname AS "
     "udt_name, NULL::VARCHAR AS scope_catalog, NULL::VARCHAR AS scope_schema, NULL::VARCHAR AS "
     "scope_name, NULL::INTEGER AS maximum_cardinality, p.place::VARCHAR AS dtd_identifier, CASE WHEN "
     "pg_has_role(p.proowner, 'USAGE') THEN pg_get_function_arg_default(p.oid, p.place::INTEGER) END AS "
     "parameter_default FROM (SELECT q.*, unnest(coalesce(q.proallargtypes, q.proargtypes)) AS argument, "
     "generate_subscripts(coalesce(q.proallargtypes, q.proargtypes), 1) AS place FROM "
     "weir.pg_catalog.pg_proc q) p JOIN weir.pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN "
     "weir.pg_catalog.pg_type t ON t.oid = p.argument JOIN weir.pg_catalog.pg_namespace tn ON tn.oid = "
     "t.typnamespace WHERE pg_has_role(p.proowner, 'USAGE') OR has_function_privilege(p.oid, 'EXECUTE')"},
    {"attributes",
     "SELECT current_database() AS udt_catalog, n.nspname AS udt_schema, c.relname AS udt_name, a.attname "
     "AS attribute_name, a.attnum::INTEGER AS ordinal_position, NULL::VARCHAR AS attribute_default, 'YES' "
     "AS is_nullable, CASE WHEN t.typcategory = 'A' THEN 'ARRAY' WHEN tn.nspname = 'pg_catalog' THEN "
     "format_type(t.oid, NULL) ELSE 'USER-DEFINED' END AS data_type, CASE WHEN a.atttypid IN (1042, 1043) "
     "AND a.atttypmod > 0 THEN a.atttypmod - 4 END AS character_maximum_length, CASE WHEN a.atttypid IN "
     "(1042, 1043) AND a.atttypmod > 0 THEN 4 * (a.atttypmod - 4) WHEN a.atttypid IN (25, 1042, 1043) "
     "THEN 1073741824 END AS character_octet_length, NULL::VARCHAR AS character_set_catalog, "
     "NULL::VARCHAR AS character_set_schema, NULL::VARCHAR AS character_set_name, NULL::VARCHAR AS "
     "collation_catalog, NULL::VARCHAR AS collation_schema, NULL::VARCHAR AS collation_name, CASE "
     "a.atttypid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 WHEN "
     "1700 THEN CASE WHEN a.atttypmod > 0 THEN ((a.atttypmod - 4) >> 16) & 65535 END END AS "
     "numeric_precision, CASE WHEN a.atttypid IN (20, 21, 23, 700, 701) THEN 2 WHEN a.atttypid = 1700 "
     "THEN 10 END AS numeric_precision_radix, CASE WHEN a.atttypid IN (20, 21, 23) THEN 0 WHEN a.atttypid "
     "= 1700 AND a.atttypmod > 0 THEN (a.atttypmod - 4) & 65535 END AS numeric_scale, CASE WHEN "
     "a.atttypid = 1082 THEN 0 WHEN a.atttypid IN (1083, 1114, 1184, 1266, 1186) THEN CASE WHEN "
     "a.atttypmod < 0 THEN 6 ELSE a.atttypmod & 65535 END END AS datetime_precision, NULL::VARCHAR AS "
     "interval_type, NULL::INTEGER AS interval_precision, current_database() AS attribute_udt_catalog, "
     "tn.nspname AS attribute_udt_schema, t.typname AS attribute_udt_name, NULL::VARCHAR AS "
     "scope_catalog, NULL::VARCHAR AS scope_schema, NULL::VARCHAR AS scope_name, NULL::INTEGER AS "
     "maximum_cardinality, a.attnum::VARCHAR AS dtd_identifier, 'NO' AS is_derived_reference_attribute "
     "FROM weir.pg_catalog.pg_class c JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN "
     "weir.pg_catalog.pg_attribute a ON a.attrelid = c.oid JOIN weir.pg_catalog.pg_type t ON t.oid = "
     "a.atttypid JOIN weir.pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace WHERE c.relkind = 'c' "
     "AND a.attnum > 0 AND NOT a.attisdropped"},
    {"user_defined_types",
     "SELECT current_database() AS user_defined_type_catalog, n.nspname AS user_defined_type_schema, "
     "c.relname AS user_defined_type_name, 'STRUCTURED' AS user_defined_type_category, 'YES' AS "
     "is_instantiable, NULL::VARCHAR AS is_final, NULL::VARCHAR AS ordering_form, NULL::VARCHAR AS "
     "ordering_category, NULL::VARCHAR AS ordering_routine_catalog, NULL::VARCHAR AS "
     "ordering_routine_schema, NULL::VARCHAR AS ordering_routine_name, NULL::VARCHAR AS reference_type, "
     "NULL::VARCHAR AS data_type, NULL::INTEGER AS character_maximum_length, NULL::INTEGER AS "
     "character_octet_length, NULL::VARCHAR AS character_set_catalog, NULL::VARCHAR AS "
     "character_set_schema, NULL::VARCHAR AS character_set_name, NULL::VARCHAR AS collation_catalog, "
     "NULL::VARCHAR AS collation_schema, NULL::VARCHAR AS collation_name, NULL::INTEGER AS "
     "numeric_precision, NULL::INTEGER AS numeric_precision_radix, NULL::INTEGER AS numeric_scale, "
     "NULL::INTEGER AS datetime_precision, NULL::VARCHAR AS interval_type, NULL::INTEGER AS "
     "interval_precision, NULL::VARCHAR AS source_dtd_identifier, NULL::VARCHAR AS ref_dtd_identifier "
     "FROM weir.pg_catalog.pg_class c JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE "
     "c.relkind = 'c'"},
    {"element_types",
     "SELECT current_database() AS object_catalog, n.nspname AS object_schema, x.name AS object_name, "
     "x.kind AS object_type, x.id AS collection_type_identifier, CASE WHEN tn.nspname = 'pg_catalog' THEN "
     "format_type(t.oid, NULL) ELSE 'USER-DEFINED' END AS data_type, NULL::INTEGER AS "
     "character_maximum_length, NULL::INTEGER AS character_octet_length, NULL::VARCHAR AS "
     "character_set_catalog, NULL::VARCHAR AS character_set_schema, NULL::VARCHAR AS character_set_name, "
     "NULL::VARCHAR AS collation_catalog, NULL::VARCHAR AS collation_schema, NULL::VARCHAR AS "
     "collation_name, NULL::INTEGER AS numeric_precision, NULL::INTEGER AS numeric_precision_radix, "
     "NULL::INTEGER AS numeric_scale, NULL::INTEGER AS datetime_precision, NULL::VARCHAR AS "
     "interval_type, NULL::INTEGER AS interval_precision, NULL::VARCHAR AS domain_default, "
     "current_database() AS udt_catalog, tn.nspname AS udt_schema, t.typname AS udt_name, NULL::VARCHAR "
     "AS scope_catalog, NULL::VARCHAR AS scope_schema, NULL::VARCHAR AS scope_name, NULL::INTEGER AS "
     "maximum_cardinality, 'a' || x.id AS dtd_identifier FROM (SELECT c.relnamespace AS schema, c.relname "
     "AS name, CASE c.relkind WHEN 'c' THEN 'USER-DEFINED TYPE' ELSE 'TABLE' END AS kind, "
     "a.attnum::VARCHAR AS id, a.atttypid AS of FROM weir.pg_catalog.pg_class c JOIN "
     "weir.pg_catalog.pg_attribute a ON a.attrelid = c.oid WHERE c.relkind IN ('r', 'v', 'f', 'p', 'c') "
     "AND a.attnum > 0 AND NOT a.attisdropped UNION ALL SELECT d.typnamespace, d.typname, 'DOMAIN', '1', "
     "d.typbasetype FROM weir.pg_catalog.pg_type d WHERE d.typtype = 'd' UNION ALL SELECT p.pronamespace, "
     "p.proname || '_' || p.oid, 'ROUTINE', p.place::VARCHAR, p.argument FROM (SELECT q.*, "
     "unnest(coalesce(q.proallargtypes, q.proargtypes)) AS argument, "
     "generate_subscripts(coalesce(q.proallargtypes, q.proargtypes), 1) AS place FROM "
     "weir.pg_catalog.pg_proc q) p UNION ALL SELECT p.pronamespace, p.proname || '_' || p.oid, 'ROUTINE', "
     "'0', p.prorettype FROM weir.pg_catalog.pg_proc p) x JOIN weir.pg_catalog.pg_namespace n ON n.oid = "
     "x.schema JOIN weir.pg_catalog.pg_type l ON l.oid = x.of JOIN weir.pg_catalog.pg_type t ON t.oid = "
     "l.typelem JOIN weir.pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace WHERE l.typcategory = 'A' "
     "AND l.typelem <> 0"},
    {"sequences",
     // Those of identity columns are shown with their columns.
     "SELECT current_database() AS sequence_catalog, n.nspname AS sequence_schema, c.relname AS sequence_name, "
     "format_type(s.seqtypid, NULL) AS data_type, CASE s.seqtypid WHEN 21 THEN 16 WHEN 23 THEN 32 ELSE 64 END AS "
     "numeric_precision, 2 AS numeric_precision_radix, 0 AS numeric_scale, s.seqstart::VARCHAR AS start_value, "
     "s.seqmin::VARCHAR AS minimum_value, s.seqmax::VARCHAR AS maximum_value, s.seqincrement::VARCHAR AS increment, "
     "CASE WHEN s.seqcycle THEN 'YES' ELSE 'NO' END AS cycle_option FROM weir.pg_catalog.pg_sequence s "
     "JOIN weir.pg_catalog.pg_class c ON c.oid = s.seqrelid "
     "JOIN weir.pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
     "WHERE s.seqrelid NOT IN (SELECT objid FROM weir.pg_catalog.pg_depend WHERE deptype = 'i') AND (" IS_OWNER
     " OR CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT, UPDATE, USAGE') ELSE false END)"},
});

constexpr auto kMacros = std::to_array<std::string_view>({
    // What pg_catalog has is visible.
    "pg_collation_is_visible(id) AS true",
    "pg_conversion_is_visible(id) AS true",
    "pg_opclass_is_visible(id) AS true",
    "pg_opfamily_is_visible(id) AS true",
    "pg_statistics_obj_is_visible(id) AS true",
    "pg_ts_config_is_visible(id) AS true",
    "pg_ts_dict_is_visible(id) AS true",
    "pg_ts_parser_is_visible(id) AS true",
    "pg_ts_template_is_visible(id) AS true",
    "pg_my_temp_schema() AS 0::BIGINT",
    "pg_is_other_temp_schema(id) AS false",
    "obj_description(id) AS (SELECT any_value(d.description) FROM weir.pg_catalog.pg_description d "
    "WHERE d.objoid = id AND d.objsubid = 0), "
    "(id, of_catalog) AS (SELECT any_value(d.description) FROM weir.pg_catalog.pg_description d WHERE d.objoid = id "
    "AND d.objsubid = 0 AND d.classoid = CASE of_catalog WHEN 'pg_class' THEN 1259 WHEN 'pg_constraint' THEN 2606 "
    "WHEN '"
    "pg_namespace' THEN 2615 WHEN 'pg_type' THEN 1247 WHEN 'pg_proc' THEN 1255 WHEN 'pg_foreign_server' THEN 1417 END)",
    "col_description(id, number) AS (SELECT any_value(d.description) FROM weir.pg_catalog.pg_description d "
    "WHERE d.objoid = id AND d.objsubid = number AND d.classoid = 1259 AND number > 0)",
    "shobj_description(id, of_catalog) AS (SELECT any_value(d.description) FROM weir.pg_catalog.pg_shdescription d "
    "WHERE d.objoid = id AND d.classoid = CASE of_catalog WHEN 'pg_database' THEN 1262 WHEN 'pg_authid' THEN 1260 END)",
    // There are no rules and triggers.
    "pg_get_ruledef(id) AS NULL::VARCHAR, (id, pretty) AS NULL::VARCHAR",
    "pg_get_triggerdef(id) AS NULL::VARCHAR, (id, pretty) AS NULL::VARCHAR",
    "pg_get_statisticsobjdef_expressions(id) AS NULL::VARCHAR[]",
    // Nothing counts what statements do.
    "pg_stat_get_numscans(id) AS NULL::BIGINT",
    "pg_stat_get_tuples_returned(id) AS NULL::BIGINT",
    "pg_stat_get_tuples_fetched(id) AS NULL::BIGINT",
    "pg_stat_get_live_tuples(id) AS NULL::BIGINT",
    "pg_stat_get_dead_tuples(id) AS NULL::BIGINT",
    "pg_stat_get_mod_since_analyze(id) AS NULL::BIGINT",
    // Relations have no files of PostgreSQL's, and the server writes to no log that it could name.
    "pg_relation_filepath(id) AS NULL::VARCHAR",
    "pg_current_logfile() AS NULL::VARCHAR, (format) AS NULL::VARCHAR",
    "pg_collation_actual_version(id) AS NULL::VARCHAR",
    "pg_get_statisticsobjdef_columns(id) AS NULL::VARCHAR",
    "pg_get_statisticsobjdef(id) AS NULL::VARCHAR",
    "pg_relation_is_publishable(id) AS true",
    "pg_tablespace_location(id) AS ''",
    "pg_size_pretty(size) AS CASE WHEN abs(size) < 10240 THEN size || ' bytes' "
    "WHEN abs(size) < 10485247 THEN round(size / 1024)::BIGINT || ' kB' "
    "WHEN abs(size) < 10736893952 THEN round(size / 1048576)::BIGINT || ' MB' "
    "WHEN abs(size) < 10994579406848 THEN round(size / 1073741824)::BIGINT || ' GB' "
    "ELSE round(size / 1099511627776)::BIGINT || ' TB' END",
    "pg_encoding_to_char(encoding) AS CASE encoding WHEN 6 THEN 'UTF8' ELSE '' END",
    "pg_char_to_encoding(name) AS CASE WHEN lower(name) IN ('utf8', 'utf-8') THEN 6 ELSE -1 END",
    "getdatabaseencoding() AS 'UTF8'",
    "pg_is_in_recovery() AS false",
    "pg_client_encoding() AS 'UTF8'",
    "pg_trigger_depth() AS 0",
    "pg_jit_available() AS false",
    "row_security_active(t) AS false",
    "array_lower(list, dimension) AS CASE WHEN dimension = 1 AND len(list) > 0 THEN 1 END",
    "array_upper(list, dimension) AS CASE WHEN dimension = 1 AND len(list) > 0 THEN len(list)::INTEGER END",
});

using Definitions = std::vector<SystemDefinition>;

Definitions Concatenated(std::initializer_list<std::span<const SystemDefinition>> parts) {
  Definitions all;
  for (const auto part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace

std::span<const SystemDefinition> CatalogTables() {
  static const auto* all = new Definitions(
      Concatenated({kTables, ActivityTables(), PrivilegeTables(), SetFunctionTables(), AbsentCatalogTables()}));
  return *all;
}
std::span<const SystemDefinition> ToolkitTables() { return kToolkitTables; }
std::span<const SystemDefinition> CatalogViews() {
  static const auto* all = new Definitions(Concatenated({kCatalogViews, StatisticsViews()}));
  return *all;
}
std::span<const SystemDefinition> InformationTables() { return AbsentInformationTables(); }
std::span<const SystemDefinition> InformationViews() {
  static const auto* all = new Definitions(Concatenated({kInformationViews, PrivilegeViews()}));
  return *all;
}
std::span<const std::string_view> SystemMacros() { return kMacros; }

}  // namespace weir::sql
