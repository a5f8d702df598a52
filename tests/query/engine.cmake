skald_test(
  skald_query_engine_test
  LIBS skald_query_engine skald_storage skald_test_support
  SOURCES engine_blocked_test.cc
          engine_detected_test.cc
          engine_log_result_test.cc
          engine_metadata_test.cc
          engine_patterns_test.cc
          engine_pruning_literals_test.cc
          engine_range_test.cc
          engine_tasks_test.cc
          engine_tenant_union_test.cc
          engine_vector_test.cc
          engine_volume_test.cc)
