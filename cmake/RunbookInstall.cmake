# What `cmake --install` puts where: the library with its headers, its CMake package, the JSON form's schema, the licence. Programs and the
# Python module install themselves.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/runbook")
install(
  TARGETS runbook
  EXPORT runbookTargets
  RUNTIME COMPONENT runbook_runtime
  LIBRARY COMPONENT runbook_runtime NAMELINK_COMPONENT runbook_development
  ARCHIVE COMPONENT runbook_development
  FILE_SET HEADERS COMPONENT runbook_development)
install(EXPORT runbookTargets NAMESPACE runbook:: DESTINATION "${package_dir}" COMPONENT runbook_development)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/runbookConfig.cmake.in"
                              "${PROJECT_BINARY_DIR}/runbookConfig.cmake" INSTALL_DESTINATION "${package_dir}")
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/runbookConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/runbookConfig.cmake" "${PROJECT_BINARY_DIR}/runbookConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindCmarkGfm.cmake" "${PROJECT_SOURCE_DIR}/cmake/FindRE2.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindLibYaml.cmake"
  DESTINATION "${package_dir}"
  COMPONENT runbook_development)
install(FILES "${PROJECT_SOURCE_DIR}/docs/runbook.schema.json" DESTINATION "${CMAKE_INSTALL_DATADIR}/runbook"
        COMPONENT runbook_development)
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT runbook_development)
