module github.com/worktable-go/worktable

go 1.25.0

require (
	github.com/go-sql-driver/mysql v1.9.3
	github.com/gofrs/flock v0.13.0
	github.com/google/btree v1.1.3
	github.com/jmoiron/sqlx v1.4.0
	github.com/stretchr/testify v1.11.1
	github.com/xwb1989/sqlparser v0.0.0-20180606152119-120387863bf2
	golang.org/x/sys v0.38.0
	golang.org/x/text v0.31.0
)

require (
	filippo.io/edwards25519 v1.1.0 // indirect
	github.com/davecgh/go-spew v1.1.1 // indirect
	github.com/pmezard/go-difflib v1.0.0 // indirect
	gopkg.in/yaml.v3 v3.0.1 // indirect
)
