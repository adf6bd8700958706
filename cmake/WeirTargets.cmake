# Compiler settings shared by every target, and the two ways to add one: a room and a test.
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")  # what the tests run: lines for stack traces at a third of the size of -g
add_library(weir_options INTERFACE)
target_compile_options(weir_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers -Werror)
if(NOT WEIR_WARNINGS_AS_ERRORS)
  target_compile_options(weir_options INTERFACE -Wno-error)
endif()
if(WEIR_UNITY AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC takes a source that a batch includes for a header, whose anonymous namespaces would be another in each file.
  target_compile_options(weir_options INTERFACE -Wno-subobject-linkage)
endif()
target_include_directories(weir_options INTERFACE "${CMAKE_SOURCE_DIR}/include" "${CMAKE_SOURCE_DIR}/src")
if(WEIR_SANITIZE)
  # GCC 12 warns of what only its instrumentation makes look uninitialized; the release build holds the warnings.
  target_compile_options(weir_options INTERFACE -Wno-error)
  target_compile_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(weir_options INTERFACE -fsanitize=${WEIR_SANITIZE})
  target_compile_definitions(weir_options INTERFACE WEIR_SANITIZED)
endif()
if(WEIR_FUZZ)
  target_compile_options(weir_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(WEIR_CCACHE ccache)
if(WEIR_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime "${WEIR_CCACHE}")
  add_compile_options(-fpch-preprocess)
endif()

# weir_precompile(TARGET KIND header...): the first target of a kind precompiles the headers, the others use what it made.
function(weir_precompile target kind)
  get_property(_first GLOBAL PROPERTY "WEIR_PRECOMPILED_${kind}")
  if(_first)
    target_precompile_headers(${target} REUSE_FROM ${_first})
  else()
    target_precompile_headers(${target} PRIVATE ${ARGN})
    set_property(GLOBAL PROPERTY "WEIR_PRECOMPILED_${kind}" ${target})
  endif()
endfunction()

# weir_shared(TARGET...): the targets that another build folder can take from this one (weir-rooms.cmake).
function(weir_shared)
  set_property(GLOBAL APPEND PROPERTY WEIR_SHARED ${ARGN})
endfunction()
weir_shared(weir_options)

# weir_room(NAME dep...): a static library of every source below src/NAME (tests excluded).
function(weir_room name)
  file(GLOB_RECURSE _sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cc")
  string(REPLACE "/" "_" _target "weir_${name}")
  if(_sources)
    add_library(${_target} STATIC ${_sources})
    target_link_libraries(${_target} PUBLIC weir_options ${ARGN})
    weir_precompile(${_target} room <arrow/api.h> <memory> <optional> <span> <string> <string_view> <unordered_map> <vector>)
  else()
    add_library(${_target} INTERFACE)
    target_link_libraries(${_target} INTERFACE weir_options ${ARGN})
  endif()
  weir_shared(${_target})
endfunction()

# weir_part(ROOM FOLDER header): the sources below src/ROOM/FOLDER with a precompiled header of their own, or, where the
# name of a part before it stands for the header, with that part's.
function(weir_part room folder header)
  set(_target "weir_${room}_${folder}")
  get_target_property(_all weir_${room} SOURCES)
  set(_sources ${_all})
  list(FILTER _sources INCLUDE REGEX "/src/${room}/${folder}/")
  if(NOT _sources)
    return()
  endif()
  list(FILTER _all EXCLUDE REGEX "/src/${room}/${folder}/")
  get_target_property(_libraries weir_${room} LINK_LIBRARIES)
  add_library(${_target} OBJECT ${_sources})
  target_link_libraries(${_target} PUBLIC ${_libraries})
  if(TARGET "weir_${room}_${header}")
    target_precompile_headers(${_target} REUSE_FROM "weir_${room}_${header}")
  else()
    target_precompile_headers(${_target} PRIVATE "${CMAKE_SOURCE_DIR}/src/${header}")
  endif()
  set_property(TARGET weir_${room} PROPERTY SOURCES ${_all} $<TARGET_OBJECTS:${_target}>)
endfunction()

# weir_layer(ROOM FOLDER dep...): the sources below src/ROOM/FOLDER as a static library that the room links, for tests
# that need no more of it.
function(weir_layer room folder)
  weir_own_library(${room} ${folder} ${ARGN})
  target_link_libraries(weir_${room} PUBLIC "weir_${room}_${folder}")
endfunction()

# weir_above(ROOM FOLDER dep...): the sources below src/ROOM/FOLDER as a static library that links the room, for what
# needs the room without them.
function(weir_above room folder)
  weir_own_library(${room} ${folder} weir_${room} ${ARGN})
  weir_precompile("weir_${room}_${folder}" room)
endfunction()

# weir_own_library(ROOM FOLDER dep...): takes the sources below src/ROOM/FOLDER out of the room, as a library.
function(weir_own_library room folder)
  set(_target "weir_${room}_${folder}")
  get_target_property(_all weir_${room} SOURCES)
  set(_sources ${_all})
  list(FILTER _sources INCLUDE REGEX "/src/${room}/${folder}/")
  list(FILTER _all EXCLUDE REGEX "/src/${room}/${folder}/")
  add_library(${_target} STATIC ${_sources})
  target_link_libraries(${_target} PUBLIC weir_options ${ARGN})
  set_property(TARGET weir_${room} PROPERTY SOURCES ${_all})
  weir_shared(${_target})
endfunction()

# weir_test(NAME dep...): one GoogleTest program of tests/NAME/*.cc.
function(weir_test name)
  file(GLOB _sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${name}/*.cc")
  if(NOT _sources)
    return()
  endif()
  add_executable(${name}_test ${_sources})
  target_include_directories(${name}_test PRIVATE "${CMAKE_SOURCE_DIR}")
  target_compile_definitions(${name}_test PRIVATE "WEIR_TESTS_FOLDER=\"${CMAKE_SOURCE_DIR}/tests\"")
  target_link_libraries(${name}_test PRIVATE ${ARGN} GTest::gtest GTest::gmock GTest::gtest_main)
  weir_precompile(${name}_test test <arrow/api.h> <gtest/gtest.h> <gmock/gmock.h> <memory> <string> <vector>)
  add_dependencies(weir_tests ${name}_test)
  # The whole program is one test of ctest: to start it takes as long as most of its tests, with a sanitizer far longer.
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
endfunction()

# weir_proto(NAME file.proto): a static library of the generated code, and the include directory that
# "<path below src>.pb.h" is found in. Warnings of generated code are nobody's here.
function(weir_proto name file)
  cmake_path(GET file PARENT_PATH _directory)
  cmake_path(GET file STEM _stem)
  set(_out "${CMAKE_BINARY_DIR}/generated")
  set(_generated "${_out}/${_directory}/${_stem}.pb")
  file(MAKE_DIRECTORY "${_out}/${_directory}")
  add_custom_command(
    OUTPUT "${_generated}.cc" "${_generated}.h"
    COMMAND protobuf::protoc "--proto_path=${CMAKE_SOURCE_DIR}/src" "--cpp_out=${_out}" "${CMAKE_SOURCE_DIR}/src/${file}"
    DEPENDS "${CMAKE_SOURCE_DIR}/src/${file}" VERBATIM)
  add_library(${name} STATIC "${_generated}.cc" "${_generated}.h")
  set_property(TARGET ${name} PROPERTY UNITY_BUILD OFF)
  target_include_directories(${name} SYSTEM PUBLIC "${_out}")
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf-lite)
  weir_shared(${name})
  if(WEIR_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer)
  endif()
endfunction()

# weir_installed_proto(NAME file.proto): the same of a .proto that a package has installed, without reflection. What is
# generated of a big one takes a while to compile, so it is optimised little and carries no debug information.
function(weir_installed_proto name file)
  cmake_path(GET file PARENT_PATH _directory)
  cmake_path(GET file STEM _stem)
  set(_out "${CMAKE_BINARY_DIR}/generated/${_stem}")
  file(MAKE_DIRECTORY "${_out}")
  add_custom_command(
    OUTPUT "${_out}/${_stem}.pb.cc" "${_out}/${_stem}.pb.h"
    COMMAND protobuf::protoc "--proto_path=${_directory}" "--cpp_out=lite:${_out}" "${file}"
    DEPENDS "${file}" VERBATIM)
  add_library(${name} STATIC "${_out}/${_stem}.pb.cc" "${_out}/${_stem}.pb.h")
  target_compile_options(${name} PRIVATE -O1 -g0 -w)
  set_property(TARGET ${name} PROPERTY UNITY_BUILD OFF)
  target_include_directories(${name} SYSTEM PUBLIC "${_out}")
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf-lite)
  weir_shared(${name})
  if(WEIR_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer)
  endif()
endfunction()
