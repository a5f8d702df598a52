skald_test(
  skald_api_test
  LIBS skald_api
  SOURCES api_request_test.cc api_answer_test.cc slow_query_log_test.cc)
