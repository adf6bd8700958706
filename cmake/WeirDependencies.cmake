# Arrow C++ comes from the pyarrow wheel of the Python that configures the build, so that the
# engine and the user's pyarrow are one library in one process.
if(SKBUILD)
  find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
else()
  set(_venv "${CMAKE_SOURCE_DIR}/.deps/venv")
  if(NOT Python_EXECUTABLE AND EXISTS "${_venv}/bin/python")
    set(Python_EXECUTABLE "${_venv}/bin/python")
  endif()
  find_package(Python 3.9 REQUIRED COMPONENTS Interpreter Development.Module)
endif()

execute_process(
  COMMAND "${Python_EXECUTABLE}" -c
    "import pyarrow, os; print(os.path.dirname(pyarrow.__file__)); print(pyarrow.__version__)"
  OUTPUT_VARIABLE _pyarrow OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE _rc)
if(NOT _rc EQUAL 0)
  message(FATAL_ERROR "pyarrow is missing in ${Python_EXECUTABLE}: run scripts/bootstrap first")
endif()
string(REPLACE "\n" ";" _pyarrow "${_pyarrow}")
list(GET _pyarrow 0 WEIR_PYARROW_DIR)
list(GET _pyarrow 1 _pyarrow_version)
if(NOT _pyarrow_version MATCHES "^26\\.")
  message(FATAL_ERROR "pyarrow ${_pyarrow_version} found, Weir is built against 26.x")
endif()

# The same path in every build folder: that of pip's environment is another one each time, and would spoil ccache. Its files
# are new each time, too, so copies are used there: what build/pip holds would be compiled again.
set(WEIR_ARROW_INCLUDE_DIR "${CMAKE_BINARY_DIR}/arrow")
if(SKBUILD)
  if(IS_SYMLINK "${WEIR_ARROW_INCLUDE_DIR}")
    file(REMOVE "${WEIR_ARROW_INCLUDE_DIR}")
  endif()
  file(GLOB_RECURSE _headers RELATIVE "${WEIR_PYARROW_DIR}/include" "${WEIR_PYARROW_DIR}/include/*")
  foreach(_header ${_headers})
    cmake_path(GET _header PARENT_PATH _folder)
    file(MAKE_DIRECTORY "${WEIR_ARROW_INCLUDE_DIR}/${_folder}")
    file(COPY_FILE "${WEIR_PYARROW_DIR}/include/${_header}" "${WEIR_ARROW_INCLUDE_DIR}/${_header}" ONLY_IF_DIFFERENT)
  endforeach()
else()
  file(CREATE_LINK "${WEIR_PYARROW_DIR}/include" "${WEIR_ARROW_INCLUDE_DIR}" SYMBOLIC)
endif()

function(weir_import_arrow name file)
  add_library(Arrow::${name} SHARED IMPORTED GLOBAL)
  set_target_properties(Arrow::${name} PROPERTIES
    IMPORTED_LOCATION "${WEIR_PYARROW_DIR}/${file}"
    INTERFACE_INCLUDE_DIRECTORIES "${WEIR_ARROW_INCLUDE_DIR}")
endfunction()
weir_import_arrow(arrow libarrow.so.2600)
weir_import_arrow(compute libarrow_compute.so.2600)
weir_import_arrow(parquet libparquet.so.2600)
target_link_libraries(Arrow::compute INTERFACE Arrow::arrow)
target_link_libraries(Arrow::parquet INTERFACE Arrow::arrow)

find_package(RocksDB REQUIRED)
find_package(roaring REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_package(date REQUIRED)
find_package(Protobuf 3.21 REQUIRED)
find_path(WEIR_GMP_INCLUDE_DIR gmpxx.h REQUIRED)
find_library(WEIR_GMP_LIBRARY gmp REQUIRED)
add_library(Gmp::gmp UNKNOWN IMPORTED GLOBAL)
set_target_properties(Gmp::gmp PROPERTIES
  IMPORTED_LOCATION "${WEIR_GMP_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${WEIR_GMP_INCLUDE_DIR}")
find_path(WEIR_ASIO_INCLUDE_DIR asio.hpp REQUIRED)
add_library(Asio::asio INTERFACE IMPORTED GLOBAL)
target_include_directories(Asio::asio SYSTEM INTERFACE "${WEIR_ASIO_INCLUDE_DIR}")
target_compile_definitions(Asio::asio INTERFACE ASIO_STANDALONE ASIO_NO_DEPRECATED)
target_link_libraries(Asio::asio INTERFACE Threads::Threads)
if(WEIR_SANITIZE MATCHES "thread")
  target_compile_definitions(Asio::asio INTERFACE ASIO_DISABLE_FENCED_BLOCK)  # fences are what it does not follow
endif()

find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
pkg_check_modules(IDN REQUIRED IMPORTED_TARGET libidn)  # SASLprep of passwords
pkg_check_modules(ICU REQUIRED IMPORTED_TARGET icu-uc)  # Unicode's normal forms
pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)  # PostgreSQL's regular expressions
if(NOT WEIR_SQL)
  return()
endif()

# DuckDB executes SQL; libpg_query scans and parses PostgreSQL's grammar.
set(_duckdb "${CMAKE_SOURCE_DIR}/.deps/duckdb")
execute_process(COMMAND "${CMAKE_COMMAND}" -E env "PYTHON=${Python_EXECUTABLE}" "${CMAKE_SOURCE_DIR}/scripts/fetch-duckdb"
                COMMAND_ERROR_IS_FATAL ANY)
add_library(DuckDB::duckdb SHARED IMPORTED GLOBAL)
set_target_properties(DuckDB::duckdb PROPERTIES
  IMPORTED_LOCATION "${_duckdb}/lib/libduckdb.so"
  INTERFACE_INCLUDE_DIRECTORIES "${_duckdb}/include"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${_duckdb}/include")
find_path(WEIR_PG_QUERY_INCLUDE_DIR pg_query.h REQUIRED)
find_library(WEIR_PG_QUERY_LIBRARY pg_query REQUIRED)
add_library(PgQuery::pg_query UNKNOWN IMPORTED GLOBAL)
set_target_properties(PgQuery::pg_query PROPERTIES
  IMPORTED_LOCATION "${WEIR_PG_QUERY_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${WEIR_PG_QUERY_INCLUDE_DIR}")
