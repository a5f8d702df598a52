skald_test(
  skald_query_batch_test
  LIBS skald_query_batch skald_test_support
  SOURCES batch_test.cc)
