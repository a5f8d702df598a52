skald_test(
  storage_engine_test
  LIBS skald_storage skald_test_model
  SOURCES engine_test.cc engine_model_test.cc freeze_test.cc full_disk_test.cc kept_memory_test.cc
          merge_debt_test.cc out_of_memory_test.cc push_size_test.cc relog_test.cc)
skald_test(
  storage_delete_test
  LIBS skald_storage skald_test_model
  SOURCES delete_test.cc delete_model_test.cc)
skald_test(
  storage_fault_test
  LIBS skald_storage skald_test_model
  SOURCES engine_fault_test.cc engine_two_faults_test.cc)
