# Finds the headers of libpq, the client library of PostgreSQL: LibPq_INCLUDE_DIR. CMake's own module also wants the
# library, and on some versions the server's headers, neither of which is used.
find_path(LibPq_INCLUDE_DIR libpq-fe.h PATH_SUFFIXES postgresql)
mark_as_advanced(LibPq_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibPq REQUIRED_VARS LibPq_INCLUDE_DIR REASON_FAILURE_MESSAGE "install libpq-dev")
