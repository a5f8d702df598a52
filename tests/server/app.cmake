skald_test(
  skald_app_test
  LIBS skald_server_app skald_test_support
  SOURCES app_delete_test.cc
          app_golden_test.cc
          app_harness.cc
          app_limits_test.cc
          app_metrics_test.cc
          app_retention_test.cc
          app_start_test.cc
          app_test.cc
          connection_limit_test.cc
          every_key_file.cc
          heap_trimmer_test.cc
          live_settings_test.cc
          raw_client.cc
          unserved_rules_test.cc)
target_compile_definitions(skald_app_test
                           PRIVATE SKALD_GOLDEN_DIR="${CMAKE_SOURCE_DIR}/tests/golden"
                                   SKALD_DOCS="${CMAKE_SOURCE_DIR}/docs")
