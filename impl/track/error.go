package track

import (
	"errors"
	"fmt"
)

// Code says why an operation was refused. The set is closed: whatever is not
// an [*Error] is an internal error.
type Code int

// The codes. [Codes] lists them all.
const (
	// Unauthenticated: the key is missing, unknown or revoked.
	Unauthenticated Code = iota + 1
	// NotFound: the thing does not exist for this caller. It never says
	// whether it exists for others.
	NotFound
	// NotCreator: the caller has access to the track but did not create it.
	NotCreator
	// InvalidArgument: a parameter is outside its documented range.
	InvalidArgument
	// Unavailable: the store did not answer. The operation may or may not have
	// taken effect; asking again later is right.
	Unavailable
)

// Codes returns every code, for tables and tests that must be exhaustive.
func Codes() []Code {
	return []Code{Unauthenticated, NotFound, NotCreator, InvalidArgument, Unavailable}
}

// String returns the code's name for logs.
func (c Code) String() string {
	switch c {
	case Unauthenticated:
		return "unauthenticated"
	case NotFound:
		return "not found"
	case NotCreator:
		return "not creator"
	case InvalidArgument:
		return "invalid argument"
	case Unavailable:
		return "unavailable"
	default:
		return fmt.Sprintf("code %d", int(c))
	}
}

// ErrUnconfirmed is the reason of an [Unavailable] from a store that was told to
// have changes confirmed: this one may have been made, and may still be lost.
// Who asks for it again is told once it is certain: of success, or of
// [NotFound] where it was made before.
var ErrUnconfirmed = errors.New("it was not confirmed in time that the change will last")

// Error is a refusal with its code. Err is for logs only and never reaches a
// caller of the API.
type Error struct {
	Code  Code
	Param string // the parameter, with InvalidArgument
	Err   error  // the cause; may be nil
}

// Refuse returns the error of a code without a cause.
func Refuse(code Code) *Error { return &Error{Code: code} }

// Error implements error.
func (e *Error) Error() string {
	s := e.Code.String()
	if e.Param != "" {
		s += " " + e.Param
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// CodeOf returns the code of err, or 0 where err is nil or internal.
func CodeOf(err error) Code {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return 0
}
