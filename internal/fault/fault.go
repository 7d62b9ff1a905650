// Package fault is the one error type that reaches a person. It keeps what the
// person is told (a message key with arguments, never prose) apart from what
// went wrong inside (the cause, for the log). It knows nothing else.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of refusal an error is; the faces map it to a status or
// an exit code. The zero value is Internal: what nobody classified shows nothing.
type Code uint8

const (
	Internal    Code = iota // a defect or a broken part; the person learns no detail
	Invalid                 // the input is wrong; Fields say where
	Denied                  // the right is missing
	NotFound                // no such thing, or none within the actor's reach
	Conflict                // it clashes with what stands already
	TooMany                 // a rate or size limit
	Gone                    // it was erased or its link is spent
	Unavailable             // not now; trying again later helps
)

// Error carries a public message key and a private cause.
type Error struct {
	Code   Code
	Key    string         // message key in the catalogue
	Args   map[string]any // arguments of the message; never personal data
	Fields []Field        // what is wrong field by field
	Cause  error          // internal; for logs
}

// Field is one wrong field of a form or a row.
type Field struct {
	Name string // the field's code
	Key  string // message key
	Args map[string]any
}

// New makes an Error with a code, a message key and arguments as name, value pairs.
func New(code Code, key string, pairs ...any) *Error {
	return &Error{Code: code, Key: key, Args: arguments(pairs)}
}

// With returns the error with one more wrong field.
func (e *Error) With(name, key string, pairs ...any) *Error {
	e.Fields = append(e.Fields, Field{Name: name, Key: key, Args: arguments(pairs)})
	return e
}

// Because returns the error with its internal cause.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

// Error is for logs and tests: keys only, so no personal data can be in it
// unless a cause carries some.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Key)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, "; %s: %s", f.Name, f.Key)
	}
	if e.Cause != nil {
		fmt.Fprintf(&b, ": %v", e.Cause)
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Cause }

// From returns err as an *Error; what is none becomes Internal. Nil stays nil.
func From(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: Internal, Key: "fault.internal", Cause: err}
}

// Is reports whether err is an *Error of that code.
func Is(err error, code Code) bool {
	return err != nil && From(err).Code == code
}

func arguments(pairs []any) map[string]any {
	if len(pairs) == 0 {
		return nil
	}
	args := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args[pairs[i].(string)] = pairs[i+1]
	}
	return args
}
