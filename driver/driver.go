package driver

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// driverName is the name under which the driver registers itself. Change it with
// -ldflags "-X github.com/worktable-go/worktable/driver.driverName=NAME", or empty it to register nothing.
var driverName = "worktable"

func init() {
	if driverName != "" {
		sql.Register(driverName, &Driver{})
	}
}

// Driver implements database/sql/driver.Driver. It has no state.
type Driver struct{}

var (
	_ driver.Driver        = &Driver{}
	_ driver.DriverContext = &Driver{}
)

// Open opens a connection with an engine of its own: what database/sql does only for drivers without connectors.
// The engine is closed with the connection.
func (d *Driver) Open(dsn string) (driver.Conn, error) {
	c, err := d.OpenConnector(dsn)
	if err != nil {
		return nil, err
	}
	connector := c.(*Connector)
	connected, err := connector.connect(context.Background())
	if err != nil {
		return nil, err
	}
	connected.closes = connector
	return connected, nil
}

// OpenConnector checks the data source name; nothing is opened before the first Connect.
func (d *Driver) OpenConnector(dsn string) (driver.Connector, error) {
	cfg, err := ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	return NewConnector(cfg), nil
}
