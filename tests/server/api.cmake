skald_test(
  skald_api_test
  LIBS skald_api skald_dep_zlib
  SOURCES api_answer_test.cc api_compression_test.cc api_request_test.cc api_tail_test.cc
          query_pool_test.cc slow_query_log_test.cc tail_hub_test.cc)
