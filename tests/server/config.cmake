skald_test(
  skald_config_test
  LIBS skald_config skald_test_support
  SOURCES config_file_test.cc
          config_flag_test.cc
          config_reload_test.cc
          config_table_test.cc
          every_key_file.cc)
target_compile_definitions(
  skald_config_test PRIVATE SKALD_TEST_DATA="${CMAKE_CURRENT_SOURCE_DIR}/testdata"
                            SKALD_DOCS="${CMAKE_SOURCE_DIR}/docs")
