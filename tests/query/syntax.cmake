skald_test(
  skald_query_syntax_test
  LIBS skald_query_syntax skald_test_support
  SOURCES syntax_dump.cc
          syntax_error_test.cc
          syntax_parse_test.cc
          syntax_print_test.cc
          syntax_property_test.cc)
