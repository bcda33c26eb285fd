package driver

import "database/sql/driver"

// result is what a statement without rows reports.
type result struct {
	affected uint64
	insertID uint64
}

var _ driver.Result = result{}

// LastInsertId returns the first AUTO_INCREMENT value that the statement generated, 0 when none.
func (r result) LastInsertId() (int64, error) { return int64(r.insertID), nil }

// RowsAffected returns the rows inserted, deleted or changed (found ones with clientFoundRows).
func (r result) RowsAffected() (int64, error) { return int64(r.affected), nil }
