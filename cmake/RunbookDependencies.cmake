# Where each dependency comes from. Only Boost's headers and Boost.JSON are part of the public interface.
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
find_package(fmt REQUIRED)
find_package(CURL REQUIRED) # its headers only: the library is loaded when the first HTTP step runs
find_package(PkgConfig REQUIRED)
pkg_check_modules(cmark_gfm REQUIRED IMPORTED_TARGET libcmark-gfm)
find_library(RUNBOOK_CMARK_GFM_EXTENSIONS NAMES cmark-gfm-extensions REQUIRED)
