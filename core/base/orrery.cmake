# What every target of the project shares: the language, the warnings, sanitizers, ccache, and
# orrery_library() / orrery_test(), the two lines a folder's CMakeLists.txt consists of.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

configure_file(${CMAKE_CURRENT_LIST_DIR}/source_dir.h.in
  ${PROJECT_BINARY_DIR}/generated/source_dir.h @ONLY)

find_program(ORRERY_CCACHE ccache)
if(ORRERY_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ORRERY_CCACHE})
endif()

add_library(orrery_warnings INTERFACE)
target_compile_options(orrery_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wswitch-enum
  -Wmissing-declarations -Wnon-virtual-dtor -Woverloaded-virtual -Wdouble-promotion -Werror
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wsuggest-override>
  # clang++ 19 warns of the insides of libstdc++ 12's std::stable_sort.
  $<$<CXX_COMPILER_ID:Clang>:-Wno-deprecated-declarations>
  # g++ 12 warns of the insides of its own std::string ("x" + string).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)

if(ORRERY_SANITIZE)
  add_compile_options(-fsanitize=${ORRERY_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all -D_GLIBCXX_ASSERTIONS)
  add_link_options(-fsanitize=${ORRERY_SANITIZE})
  # g++ 12, with sanitizers, warns of the insides of its own std::function.
  target_compile_options(orrery_warnings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()

find_package(fmt REQUIRED)
find_package(tl-expected REQUIRED)

# Few large units instead of a unit a source: most of a unit's time goes to headers and to templates that it shares
# with its neighbours. Hence names in a folder's anonymous namespaces must differ.
function(orrery_unity target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${ORRERY_UNITY} UNITY_BUILD_BATCH_SIZE 8)
endfunction()

# For what is counted in instructions: g++ inlines less in what it holds for a large unit.
function(orrery_inlines_freely target)
  target_compile_options(${target} PRIVATE
    $<$<AND:$<BOOL:${ORRERY_UNITY}>,$<CXX_COMPILER_ID:GNU>>:--param=large-unit-insns=1000000>)
endfunction()

# orrery_library(NAME SOURCES a.cc ... USES base raft ...): the static library core/NAME.
function(orrery_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINKS" ${ARGN})
  add_library(orrery_${name} STATIC ${ARG_SOURCES})
  target_include_directories(orrery_${name} PUBLIC ${PROJECT_SOURCE_DIR}/core)
  target_link_libraries(orrery_${name} PRIVATE orrery_warnings)
  foreach(used IN LISTS ARG_USES)
    target_link_libraries(orrery_${name} PUBLIC orrery_${used})
  endforeach()
  target_link_libraries(orrery_${name} PUBLIC ${ARG_LINKS})
  orrery_unity(orrery_${name})
endfunction()

# orrery_test(NAME SOURCES a_test.cc ... USES raft ...): one gtest program NAME_test, its tests known to ctest.
function(orrery_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINKS" ${ARGN})
  add_executable(${name}_test ${ARG_SOURCES})
  target_include_directories(${name}_test
    PRIVATE ${PROJECT_SOURCE_DIR}/core ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  target_link_libraries(${name}_test PRIVATE orrery_warnings GTest::gmock GTest::gtest_main ${ARG_LINKS})
  foreach(used IN LISTS ARG_USES)
    target_link_libraries(${name}_test PRIVATE orrery_${used})
  endforeach()
  orrery_unity(${name}_test)
  gtest_discover_tests(${name}_test DISCOVERY_TIMEOUT 60 PROPERTIES LABELS ${name})
endfunction()
