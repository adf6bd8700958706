# What `cmake --install` lays out for C++ users: libweir.so with all rooms up to the client, the public
# headers, and a package that find_package(weir) finds. scripts/test-install builds examples/cpp against it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

file(WRITE "${CMAKE_BINARY_DIR}/weir_library.cc" "// libweir.so is made of the rooms.\n")
add_library(weir_library SHARED "${CMAKE_BINARY_DIR}/weir_library.cc")
target_link_libraries(weir_library PUBLIC Arrow::arrow PRIVATE weir_client)
set_property(TARGET weir_library PROPERTY
  LINK_LIBRARY_OVERRIDE WHOLE_ARCHIVE,weir_types,weir_model,weir_format,weir_storage,weir_gateway,weir_client)
target_include_directories(weir_library INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
target_compile_features(weir_library PUBLIC cxx_std_20)
set_target_properties(weir_library PROPERTIES
  OUTPUT_NAME weir EXPORT_NAME weir VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  INSTALL_RPATH "${WEIR_PYARROW_DIR}")

install(TARGETS weir_library EXPORT weir-targets COMPONENT sdk)
install(DIRECTORY "${CMAKE_SOURCE_DIR}/include/weir" TYPE INCLUDE COMPONENT sdk)
install(EXPORT weir-targets NAMESPACE weir:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weir COMPONENT sdk)
configure_package_config_file(
  "${CMAKE_SOURCE_DIR}/cmake/weir-config.cmake.in" "${CMAKE_BINARY_DIR}/weir-config.cmake"
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weir)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/weir-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/weir-config.cmake" "${CMAKE_BINARY_DIR}/weir-config-version.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weir COMPONENT sdk)
