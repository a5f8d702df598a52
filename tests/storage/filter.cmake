skald_test(
  storage_filter_test
  LIBS skald_part skald_test_support
  SOURCES filter_test.cc)
