# Finds cmark-gfm, which has no CMake configuration of its own, and its extensions.
# Targets: CmarkGfm::core, CmarkGfm::extensions. Installed beside runbookConfig.cmake, which needs it for the static library.
find_path(CmarkGfm_INCLUDE_DIR cmark-gfm.h)
find_library(CmarkGfm_LIBRARY cmark-gfm)
find_library(CmarkGfm_EXTENSIONS_LIBRARY cmark-gfm-extensions)
mark_as_advanced(CmarkGfm_INCLUDE_DIR CmarkGfm_LIBRARY CmarkGfm_EXTENSIONS_LIBRARY)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  CmarkGfm
  REQUIRED_VARS CmarkGfm_LIBRARY CmarkGfm_EXTENSIONS_LIBRARY CmarkGfm_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "install libcmark-gfm-dev and libcmark-gfm-extensions-dev")

if(CmarkGfm_FOUND AND NOT TARGET CmarkGfm::core)
  add_library(CmarkGfm::core UNKNOWN IMPORTED)
  set_target_properties(CmarkGfm::core PROPERTIES IMPORTED_LOCATION "${CmarkGfm_LIBRARY}"
                                                  INTERFACE_INCLUDE_DIRECTORIES "${CmarkGfm_INCLUDE_DIR}")
  add_library(CmarkGfm::extensions UNKNOWN IMPORTED)
  set_target_properties(CmarkGfm::extensions PROPERTIES IMPORTED_LOCATION "${CmarkGfm_EXTENSIONS_LIBRARY}"
                                                        INTERFACE_LINK_LIBRARIES CmarkGfm::core)
endif()
