package database

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
)

var errRange = errors.New("out of range")

// scan stores a row's values in the destinations. An error names the column by
// number and the two types, never the value.
func scan(into []any, values []driver.Value) error {
	if len(into) != len(values) {
		return fmt.Errorf("database: %d columns scanned into %d", len(values), len(into))
	}
	for i, v := range values {
		if err := assign(into[i], v); err != nil {
			return fmt.Errorf("database: column %d: %T into %T: %w", i+1, v, into[i], err)
		}
	}
	return nil
}

// assign stores one value. The types rooms use all day are told apart without reflection.
func assign(into any, v driver.Value) error {
	switch d := into.(type) {
	case *int64:
		if n, ok := v.(int64); ok {
			*d = n
			return nil
		}
	case *string:
		if s, ok := v.(string); ok {
			*d = s
			return nil
		}
	case *[]byte:
		switch b := v.(type) {
		case []byte: // a fresh slice from either driver
			if b == nil {
				b = []byte{}
			}
			*d = b
			return nil
		case nil:
			*d = nil
			return nil
		}
	case *any:
		*d = v
		return nil
	case sql.Scanner:
		return d.Scan(v)
	}
	p := reflect.ValueOf(into)
	if p.Kind() != reflect.Pointer || p.IsNil() {
		return errors.New("the destination is no pointer")
	}
	return assignReflect(p.Elem(), v)
}

func assignReflect(d reflect.Value, v driver.Value) error {
	if d.Kind() == reflect.Pointer {
		if v == nil {
			d.SetZero()
			return nil
		}
		fresh := reflect.New(d.Type().Elem())
		if err := assign(fresh.Interface(), v); err != nil {
			return err
		}
		d.Set(fresh)
		return nil
	}
	switch v := v.(type) {
	case int64:
		switch {
		case d.CanInt():
			if d.OverflowInt(v) {
				return errRange
			}
			d.SetInt(v)
			return nil
		case d.CanUint():
			if v < 0 || d.OverflowUint(uint64(v)) {
				return errRange
			}
			d.SetUint(uint64(v))
			return nil
		case d.Kind() == reflect.Bool: // SQLite has no other truth than 0 and 1
			if v != 0 && v != 1 {
				return errRange
			}
			d.SetBool(v == 1)
			return nil
		case d.CanFloat():
			d.SetFloat(float64(v))
			return nil
		}
	case string:
		switch {
		case d.Kind() == reflect.String:
			d.SetString(v)
			return nil
		case d.Kind() == reflect.Slice && d.Type().Elem().Kind() == reflect.Uint8:
			d.SetBytes([]byte(v))
			return nil
		}
	case []byte:
		switch {
		case d.Kind() == reflect.Slice && d.Type().Elem().Kind() == reflect.Uint8:
			d.SetBytes(v)
			return nil
		case d.Kind() == reflect.Array && d.Type().Elem().Kind() == reflect.Uint8:
			if len(v) != d.Len() {
				return errRange
			}
			reflect.Copy(d, reflect.ValueOf(v))
			return nil
		}
	case float64:
		if d.CanFloat() {
			d.SetFloat(v)
			return nil
		}
	case bool:
		if d.Kind() == reflect.Bool {
			d.SetBool(v)
			return nil
		}
	case nil:
		return fmt.Errorf("%w: NULL needs a pointer", ErrCorrupt)
	}
	return fmt.Errorf("%w: the types do not fit", ErrCorrupt) // columns are STRICT: the file says otherwise
}
