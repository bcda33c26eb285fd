// Package logictest reads and runs scripts of SQLite's sqllogictest: statements that must succeed or fail, and queries
// with their recorded answers.
//
// The answers in a script are those of one server, named by the engine name that skipif and onlyif are obeyed for.
// A script stops at its first "halt". Run is not safe for concurrent use of one Database.
package logictest
