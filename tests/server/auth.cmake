skald_test(
  skald_auth_test
  LIBS skald_auth
  SOURCES auth_test.cc)
