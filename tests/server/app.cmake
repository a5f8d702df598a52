skald_test(
  skald_app_test
  LIBS skald_server_app
  SOURCES app_golden_test.cc app_test.cc app_harness.cc raw_client.cc)
target_compile_definitions(skald_app_test
                           PRIVATE SKALD_GOLDEN_DIR="${CMAKE_SOURCE_DIR}/tests/golden")
