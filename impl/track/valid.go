package track

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits in bytes. An id that exists has at most MaxIDBytes.
const (
	MaxIDBytes   = 256
	MaxNameBytes = 64 // engines, stems, event types
	MaxTextBytes = 1024
)

// Modes returns every mode.
func Modes() []Mode { return []Mode{ModeCreation, ModeFocus} }

// LicenceClasses returns every licence class.
func LicenceClasses() []LicenceClass {
	return []LicenceClass{
		LicenceCommercialCleared, LicenceCommercialEnterprise, LicencePersonalOnly, LicenceUnclear,
	}
}

// Validate reports why id cannot identify an organization: one that no request
// could name in its path. The error is for the person who wrote it.
func (id OrganizationID) Validate() error { return validateID(string(id)) }

// Validate reports why id cannot identify a user.
func (id UserID) Validate() error { return validateID(string(id)) }

// Validate reports why id cannot identify a track.
func (id ID) Validate() error {
	if err := validateID(string(id)); err != nil {
		return err
	}
	if len(id) <= len(IDPrefix) || id[:len(IDPrefix)] != IDPrefix {
		return errors.New("must begin with " + IDPrefix + " and go on after it")
	}
	return nil
}

// Validate reports why m is not a mode.
func (m Mode) Validate() error { return oneOf(m, Modes()) }

// Validate reports why c is not a licence class.
func (c LicenceClass) Validate() error { return oneOf(c, LicenceClasses()) }

// ValidateName reports why s cannot name an engine, a stem or a kind of event.
func ValidateName(s string) error { return ValidateText(s, 1, MaxNameBytes) }

// validateID refuses what could not stand in a path as one segment, and what
// JSON could not carry.
func validateID(s string) error {
	if err := ValidateText(s, 1, MaxIDBytes); err != nil {
		return err
	}
	return ValidateSegment(s)
}

// ValidateSegment reports why s cannot stand in a path as one segment: clients and proxies would
// make another path of it, escaped or not.
func ValidateSegment(s string) error {
	if strings.Contains(s, "/") || s == "." || s == ".." {
		return errors.New("must be able to stand in a path: no slash, and neither . nor .. alone")
	}
	return nil
}

// ValidateText reports why s cannot be a text of least to most bytes.
func ValidateText(s string, least, most int) error {
	if len(s) < least {
		return errors.New("must not be empty")
	}
	if len(s) > most {
		return fmt.Errorf("must be at most %d bytes; has %d", most, len(s))
	}
	if !utf8.ValidString(s) {
		return errors.New("must be valid UTF-8")
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("must not hold control characters")
	}
	return nil
}

func oneOf[T ~string](s T, all []T) error {
	names := make([]string, len(all))
	for i, a := range all {
		if s == a {
			return nil
		}
		names[i] = string(a)
	}
	return errors.New("must be one of " + strings.Join(names, ", "))
}
