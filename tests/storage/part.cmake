# It watches operator new, of which sanitizers bring their own.
if(NOT SKALD_SANITIZE)
  set(part_allocation_test part_allocation_test.cc)
endif()

skald_test(
  storage_part_test
  LIBS skald_part skald_memtable skald_storage skald_cache skald_test_engine
  SOURCES ${part_allocation_test}
          cache_page_test.cc
          duplicates_test.cc
          memtable_test.cc
          part_codec_test.cc
          part_file_fixture.cc
          part_file_test.cc
          part_index_test.cc
          part_match_test.cc
          part_rank_test.cc
          picked_metadata.cc
          selection_model_test.cc)
