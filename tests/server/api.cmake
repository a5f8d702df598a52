skald_test(
  skald_api_test
  LIBS skald_api
  SOURCES api_request_test.cc api_answer_test.cc)
