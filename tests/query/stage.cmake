skald_test(
  skald_query_stage_test
  LIBS skald_query_stage skald_test_support
  SOURCES stage_filter_test.cc
          stage_harness.cc
          stage_label_test.cc
          stage_parser_test.cc
          stage_selection_test.cc
          stage_terms_test.cc)
