package record

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// Limits on what a record may hold, beside those of package track.
const (
	MaxStems      = 64
	maxYear       = 9999
	maxAmountSize = 32 // bytes
)

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

func (o Organization) validate() error {
	return errors.Join(
		inField("id", o.ID.Validate()),
		inField("name", track.ValidateText(o.Name, 0, track.MaxTextBytes)),
	)
}

func (u User) validate() error {
	errs := []error{
		inField("id", u.ID.Validate()),
		inField("name", track.ValidateText(u.Name, 0, track.MaxTextBytes)),
	}
	for _, o := range u.MemberOf {
		errs = append(errs, inField("member_of", o.Validate()))
	}
	for i, k := range u.Keys {
		errs = append(errs, inField("keys["+strconv.Itoa(i)+"]", k.validate()))
	}
	return errors.Join(errs...)
}

func (k Key) validate() error {
	errs := []error{
		inField("label", track.ValidateText(k.Label, 0, track.MaxTextBytes)),
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
func (k Key) Hash() (track.KeyHash, error) {
	if k.Secret != "" {
		return track.NewKey(k.Secret).Hash(), nil
	}
	return track.ParseKeyHash(k.SHA256)
}

func (t Track) validate() error {
	errs := []error{
		inField("id", t.ID.Validate()),
		inField("organization_id", t.Organization.Validate()),
		inField("creator", t.Creator.Validate()),
		inField("engine", track.ValidateName(t.Engine)),
		inField("mode", t.Mode.Validate()),
		inField("licence_class", t.Licence.Validate()),
		inField("created_at", validateTime(t.CreatedAt, true)),
		inField("deleted_by_request", track.ValidateText(t.DeletedBy, 0, track.MaxIDBytes)),
	}
	if t.Title != nil {
		errs = append(errs, inField("title", track.ValidateText(*t.Title, 0, track.MaxTextBytes)))
	}
	if d := t.Duration; d != nil && (math.IsNaN(*d) || math.IsInf(*d, 0) || *d < 0) {
		errs = append(errs, errors.New("measured_duration_seconds must be a number from 0 up"))
	}
	if len(t.Stems) > MaxStems {
		errs = append(errs, fmt.Errorf("stems must be at most %d", MaxStems))
	}
	seen := make(map[string]bool, len(t.Stems))
	for _, s := range t.Stems {
		errs = append(errs, inField("stems", validateStem(s)))
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

func (s Save) validate() error {
	return errors.Join(
		inField("user", s.User.Validate()),
		inField("organization_id", s.Organization.Validate()),
		inField("track_id", s.Track.Validate()),
		inField("saved_at", validateTime(s.SavedAt, true)),
	)
}

func (e Event) validate() error {
	errs := []error{
		inField("organization_id", e.Organization.Validate()),
		inField("track_id", e.Track.Validate()),
		inField("type", track.ValidateName(string(e.Type))),
		inField("at", validateTime(e.At, true)),
		inField("actor", e.Actor.Validate()),
		inField("request", track.ValidateText(e.Request, 0, track.MaxIDBytes)),
	}
	if e.Seq < 1 {
		errs = append(errs, errors.New("seq must be a number from 1 up"))
	}
	if e.Type == track.EventBilled {
		errs = append(errs,
			inField("amount", validateAmount(e.Amount)),
			inField("currency", validateCurrency(e.Currency)))
	} else if e.Amount != "" || e.Currency != "" {
		errs = append(errs, fmt.Errorf("amount and currency belong to %s only", track.EventBilled))
	}
	return errors.Join(errs...)
}

// validateStem refuses what could not stand in a signed URL as one segment.
func validateStem(s string) error {
	if err := track.ValidateName(s); err != nil {
		return err
	}
	return track.ValidateSegment(s)
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
