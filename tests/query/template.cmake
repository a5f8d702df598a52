skald_test(
  skald_query_template_test
  LIBS skald_query_template
  SOURCES template_container_test.cc
          template_language_test.cc
          template_limits_test.cc
          template_number_test.cc
          template_parse_test.cc
          template_printf_test.cc
          template_string_test.cc
          template_time_test.cc)
