skald_test(
  skald_http_test
  LIBS skald_http
  SOURCES http_head_scanner_test.cc http_text_test.cc http_transport_test.cc http_websocket_test.cc
          raw_client.cc)
