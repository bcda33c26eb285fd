#!/usr/bin/env bash
# Records the answers of a MySQL-compatible server to the questions, for the test to compare with:
#
#	./record.sh --socket=/run/mysqld/mysqld.sock --user=root
#
# The arguments go to the mariadb client. The server gets a database Chinook from the script in testdata.
set -euo pipefail
cd "$(dirname "$0")"
client() { mariadb --default-character-set=utf8mb4 "${@}"; }
client "$@" <testdata/Chinook_MySql.sql
mkdir -p testdata/answers
go run . -list | while IFS= read -r name; do
	go run . -sql "$name" | client "$@" --batch --raw Chinook >"testdata/answers/$name.tsv"
	echo "$name: $(($(wc -l <"testdata/answers/$name.tsv") - 1)) rows"
done
