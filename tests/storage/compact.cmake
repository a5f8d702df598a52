skald_test(
  storage_compact_test
  LIBS skald_storage skald_test_model skald_inspect
  SOURCES compact_copy_test.cc
          compact_cursor_test.cc
          compact_days_test.cc
          compact_fault_test.cc
          compact_model_test.cc
          compact_plan_test.cc
          compact_priority_test.cc
          disk_limit_test.cc
          maintenance_test.cc
          merge_backoff_test.cc
          part_file_fixture.cc
          retention_class_test.cc
          retention_test.cc)
