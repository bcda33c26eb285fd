// Package conformance tests that SQL gives MySQL's answers. It holds data and tests only.
//
// A file testdata/TOPIC/NAME.sql is a script of statements; NAME.answers beside it has what a MariaDB answered to
// each: columns and rows, affected rows and insert id, or the number of an error. Each file runs in a schema of its own,
// called test, in several modes: as text, as prepared statements, and through the driver on a database in memory and on
// one in files, which is opened again at the end and must have kept every row. Tests need no server.
//
// # Scripts
//
// A statement ends with a semicolon at the end of a line. Rows are compared in order when the statement ends in an
// ORDER BY, otherwise as a multiset. Comments before a statement may carry marks:
//
//	-- @mysql REASON      MySQL 8 differs from the recorded answer; its answer follows as comment lines in the form of
//	                      an answer file, and counts
//	-- @differs REASON    WorkTable is known to differ; the test fails when it no longer does
//	-- @ordered           compare rows in order
//
// # Recording
//
// To record the answers again, give the socket of a MariaDB 10.11 that was started with MySQL 8's default sql_mode:
//
//	mariadbd --no-defaults --datadir=DIR --socket=SOCKET --skip-networking --default-time-zone=+00:00 \
//	  --character-set-server=utf8mb4 --collation-server=utf8mb4_nopad_bin \
//	  --sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION
//	WORKTABLE_MARIADB=SOCKET go test ./sqlmap/conformance -run Conformance -record
//
// Its collation utf8mb4_nopad_bin compares as WorkTable's default utf8mb4_0900_bin does.
//
// # Random queries
//
// TestRandom generates tables, rows and queries from a seed, which it prints, and checks what needs no judge: that the
// rows for which p holds, does not hold and is NULL add up to all rows; that filtering agrees with evaluating the
// filter for every row; that tables with and without indexes, and texts and prepared statements with parameters, agree.
// With WORKTABLE_MARIADB set it also compares with the server. A campaign:
//
//	WORKTABLE_RANDOM_QUERIES=100000 WORKTABLE_SEED=1 go test ./sqlmap/conformance -run Random -timeout 2h
package conformance
