skald_test(
  storage_compact_test
  LIBS skald_storage skald_test_model
  SOURCES compact_cursor_test.cc compact_fault_test.cc compact_model_test.cc disk_limit_test.cc
          retention_class_test.cc
          retention_test.cc)
