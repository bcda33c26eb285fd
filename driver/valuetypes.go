package driver

import (
	"database/sql/driver"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
)

var (
	jsonRawMessage = reflect.TypeFor[json.RawMessage]()
	timeType       = reflect.TypeFor[time.Time]()
	valuerType     = reflect.TypeFor[driver.Valuer]()
)

// float64Of widens by the shortest decimal text, so that 0.1 stored through a float32 compares equal to 0.1.
func float64Of(f float32) float64 {
	d, err := strconv.ParseFloat(strconv.FormatFloat(float64(f), 'g', -1, 32), 64)
	if err != nil {
		return float64(f)
	}
	return d
}
