# Where each dependency comes from. Only Boost's headers, Boost.JSON and the threads library are part of the public
# interface; runbookConfig.cmake.in repeats this list for the users of the installed package.

# A program that links everything statically but libc starts in half the time: the dynamic loader maps nine libraries
# fewer. Debian's static libraries are not made for being put into a shared one, hence never with BUILD_SHARED_LIBS nor
# for the Python module.
set(static_found ON)
foreach(name IN ITEMS boost_json crypto re2 sqlite3 cmark-gfm cmark-gfm-extensions yaml)
  find_library(RUNBOOK_STATIC_${name} lib${name}.a)
  mark_as_advanced(RUNBOOK_STATIC_${name})
  if(NOT RUNBOOK_STATIC_${name})
    set(static_found OFF)
  endif()
endforeach()
set(static_default OFF)
if(static_found AND CMAKE_BUILD_TYPE STREQUAL "Release" AND PROJECT_IS_TOP_LEVEL)
  set(static_default ON)
endif()
include(CMakeDependentOption)
cmake_dependent_option(RUNBOOK_STATIC_DEPENDENCIES "Link programs statically with everything but libc"
                       ${static_default} "NOT BUILD_SHARED_LIBS;NOT RUNBOOK_BUILD_PYTHON" OFF)

# What was found under the other choice must be looked for again.
if(NOT RUNBOOK_STATIC_DEPENDENCIES STREQUAL "${RUNBOOK_STATIC_FOUND_FOR}")
  foreach(name IN ITEMS SQLite3_LIBRARY OPENSSL_CRYPTO_LIBRARY OPENSSL_SSL_LIBRARY CmarkGfm_LIBRARY
                        CmarkGfm_EXTENSIONS_LIBRARY RE2_LIBRARY LibYaml_LIBRARY)
    unset(${name} CACHE)
  endforeach()
endif()
set(RUNBOOK_STATIC_FOUND_FOR "${RUNBOOK_STATIC_DEPENDENCIES}" CACHE INTERNAL "")

set(suffixes "${CMAKE_FIND_LIBRARY_SUFFIXES}")
if(RUNBOOK_STATIC_DEPENDENCIES)
  set(Boost_USE_STATIC_LIBS ON)
  set(OPENSSL_USE_STATIC_LIBS ON)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS headers json)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
find_package(CmarkGfm REQUIRED)
find_package(RE2 REQUIRED)
find_package(LibYaml REQUIRED)
set(CMAKE_FIND_LIBRARY_SUFFIXES "${suffixes}")

find_package(Threads REQUIRED)
find_package(fmt 9 REQUIRED) # header-only: nothing of it is left to link
find_package(CURL REQUIRED) # its headers only: the library is loaded when the first HTTP step runs
find_package(LibPq REQUIRED) # its headers only: the library is loaded when the first PostgreSQL store is opened

# runbook_link_statically(TARGET): makes a program start fast, if RUNBOOK_STATIC_DEPENDENCIES says so: nothing but libc
# and libm is left to the dynamic loader. libc stays shared, because libcurl is loaded at run time.
function(runbook_link_statically target)
  if(RUNBOOK_STATIC_DEPENDENCIES)
    target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS} m)
    target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc -Wl,--gc-sections)
  endif()
endfunction()
