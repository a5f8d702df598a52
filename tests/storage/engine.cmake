skald_test(
  storage_engine_test
  LIBS skald_storage skald_test_engine
  SOURCES engine_test.cc engine_model_test.cc)
