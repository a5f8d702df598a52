skald_test(
  skald_base_test
  LIBS skald_model skald_base skald_test_support
  SOURCES base_bytes_test.cc
          base_file_system_test.cc
          base_memory_test.cc
          base_number_test.cc
          base_process_test.cc
          base_text_test.cc
          model_labels_test.cc
          model_metadata_volume_test.cc
          model_matcher_test.cc)
