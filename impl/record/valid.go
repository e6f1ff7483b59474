package track

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Limits on what a record may hold, in bytes where not said otherwise.
const (
	MaxIDBytes    = 256
	MaxNameBytes  = 64 // engines, stems, event types
	MaxTextBytes  = 1024
	MaxStems      = 64 // how many
	maxYear       = 9999
	maxAmountSize = 32
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
func ValidateName(s string) error { return validateText(s, 1, MaxNameBytes) }

// Validate reports why the record cannot be stored, whatever the store holds:
// exactly one part, complete, and within the limits. The error names the field
// and is for the person who wrote the record.
func (r Record) Validate() error {
	var parts int
	var err error
	if r.Organization != nil {
		parts, err = parts+1, inPart("organization", r.Organization.validate())
	}
	if r.User != nil {
		parts, err = parts+1, inPart("user", r.User.validate())
	}
	if r.Track != nil {
		parts, err = parts+1, inPart("track", r.Track.validate())
	}
	if r.Save != nil {
		parts, err = parts+1, inPart("save", r.Save.validate())
	}
	if r.Event != nil {
		parts, err = parts+1, inPart("event", r.Event.validate())
	}
	if parts != 1 {
		return fmt.Errorf("must hold exactly one of organization, user, track, save, event; holds %d of them", parts)
	}
	return err
}

func (o OrganizationRecord) validate() error {
	return errors.Join(
		inField("id", o.ID.Validate()),
		inField("name", validateText(o.Name, 0, MaxTextBytes)),
	)
}

func (u UserRecord) validate() error {
	errs := []error{
		inField("id", u.ID.Validate()),
		inField("name", validateText(u.Name, 0, MaxTextBytes)),
	}
	for _, o := range u.MemberOf {
		errs = append(errs, inField("member_of", o.Validate()))
	}
	for i, k := range u.Keys {
		errs = append(errs, inField("keys["+strconv.Itoa(i)+"]", k.validate()))
	}
	return errors.Join(errs...)
}

func (k KeyRecord) validate() error {
	errs := []error{
		inField("label", validateText(k.Label, 0, MaxTextBytes)),
		inField("created_at", validateTime(k.CreatedAt, false)),
	}
	if (k.Secret == "") == (k.SHA256 == "") {
		errs = append(errs, errors.New("must hold either secret or sha256"))
	} else if _, err := k.Hash(); err != nil {
		errs = append(errs, errors.New("sha256 must be 64 hexadecimal digits"))
	}
	if k.RevokedAt != nil {
		errs = append(errs, inField("revoked_at", validateTime(*k.RevokedAt, true)))
	}
	return errors.Join(errs...)
}

// Hash returns the hash of the record's key, by whichever way it is given.
func (k KeyRecord) Hash() (KeyHash, error) {
	if k.Secret != "" {
		return NewKey(k.Secret).Hash(), nil
	}
	return ParseKeyHash(k.SHA256)
}

func (t TrackRecord) validate() error {
	errs := []error{
		inField("id", t.ID.Validate()),
		inField("organization_id", t.Organization.Validate()),
		inField("creator", t.Creator.Validate()),
		inField("engine", ValidateName(t.Engine)),
		inField("mode", t.Mode.Validate()),
		inField("licence_class", t.Licence.Validate()),
		inField("created_at", validateTime(t.CreatedAt, true)),
		inField("deleted_by_request", validateText(t.DeletedBy, 0, MaxIDBytes)),
	}
	if t.Title != nil {
		errs = append(errs, inField("title", validateText(*t.Title, 0, MaxTextBytes)))
	}
	if d := t.Duration; d != nil && (math.IsNaN(*d) || math.IsInf(*d, 0) || *d < 0) {
		errs = append(errs, errors.New("measured_duration_seconds must be a number from 0 up"))
	}
	if len(t.Stems) > MaxStems {
		errs = append(errs, fmt.Errorf("stems must be at most %d", MaxStems))
	}
	seen := make(map[string]bool, len(t.Stems))
	for _, s := range t.Stems {
		errs = append(errs, inField("stems", ValidateName(s)))
		if seen[s] {
			errs = append(errs, fmt.Errorf("stems must differ; %q is there twice", s))
		}
		seen[s] = true
	}
	if t.DeletedAt != nil {
		errs = append(errs, inField("deleted_at", validateTime(*t.DeletedAt, true)))
	} else if t.DeletedBy != "" {
		errs = append(errs, errors.New("deleted_by_request needs deleted_at"))
	}
	return errors.Join(errs...)
}

func (s SaveRecord) validate() error {
	return errors.Join(
		inField("user", s.User.Validate()),
		inField("organization_id", s.Organization.Validate()),
		inField("track_id", s.Track.Validate()),
		inField("saved_at", validateTime(s.SavedAt, true)),
	)
}

func (e EventRecord) validate() error {
	errs := []error{
		inField("organization_id", e.Organization.Validate()),
		inField("track_id", e.Track.Validate()),
		inField("type", ValidateName(string(e.Type))),
		inField("at", validateTime(e.At, true)),
		inField("actor", e.Actor.Validate()),
		inField("request", validateText(e.Request, 0, MaxIDBytes)),
	}
	if e.Seq < 1 {
		errs = append(errs, errors.New("seq must be a number from 1 up"))
	}
	if e.Type == EventBilled {
		errs = append(errs,
			inField("amount", validateAmount(e.Amount)),
			inField("currency", validateCurrency(e.Currency)))
	} else if e.Amount != "" || e.Currency != "" {
		errs = append(errs, fmt.Errorf("amount and currency belong to %s only", EventBilled))
	}
	return errors.Join(errs...)
}

// validateID refuses what could not stand in a path as one segment, and what
// JSON could not carry.
func validateID(s string) error {
	if err := validateText(s, 1, MaxIDBytes); err != nil {
		return err
	}
	if strings.Contains(s, "/") || s == "." || s == ".." {
		return errors.New("must be able to stand in a path: no slash, and neither . nor .. alone")
	}
	return nil
}

func validateText(s string, least, most int) error {
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

// validateTime bounds times to what RFC 3339 can write.
func validateTime(t time.Time, required bool) error {
	if t.IsZero() {
		if required {
			return errors.New("must be given")
		}
		return nil
	}
	if y := t.UTC().Year(); y < 1 || y > maxYear {
		return fmt.Errorf("must be within the years 1 to %d", maxYear)
	}
	return nil
}

func validateAmount(s string) error {
	whole, fraction, point := strings.Cut(s, ".")
	if len(s) > maxAmountSize || !digits(whole) || point && !digits(fraction) {
		return errors.New(`must be a decimal number such as "0.10"`)
	}
	return nil
}

func validateCurrency(s string) error {
	if len(s) != 3 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return errors.New(`must be three capital letters such as "CHF"`)
	}
	return nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

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

// inPart and inField say where err is; errors.Join's lines become one.
func inPart(name string, err error) error {
	if err == nil {
		return nil
	}
	return errors.New(name + ": " + strings.ReplaceAll(err.Error(), "\n", "; "))
}

func inField(name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %w", name, err)
}
