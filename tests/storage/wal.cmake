skald_test(
  storage_wal_test
  LIBS skald_wal skald_catalog skald_test_support
  SOURCES catalog_manifest_test.cc wal_format_test.cc wal_group_commit_test.cc
          wal_recovery_test.cc)
