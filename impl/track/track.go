// Package track is the domain: tracks, who may do what with them, and the
// store that decides it. It knows neither HTTP nor Redis and imports the
// standard library only.
package track

import "time"

// OrganizationID identifies an organization. Identifiers are opaque and
// compared byte for byte.
type OrganizationID string

// UserID identifies a user.
type UserID string

// ID identifies a track. Identifiers that this service mints begin with
// [IDPrefix]; any other string is simply a track that does not exist.
type ID string

// IDPrefix begins the id of every track.
const IDPrefix = "mtrack_"

// Mode is how a track was made.
type Mode string

// The modes that the documentation knows.
const (
	ModeCreation Mode = "creation"
	ModeFocus    Mode = "focus"
)

// LicenceClass says what a track may be used for.
type LicenceClass string

// The licence classes that the documentation knows.
const (
	LicenceCommercialCleared    LicenceClass = "commercial_cleared"
	LicenceCommercialEnterprise LicenceClass = "commercial_enterprise"
	LicencePersonalOnly         LicenceClass = "personal_only"
	LicenceUnclear              LicenceClass = "unclear"
)

// Track is a live track as its creator and its savers see it.
type Track struct {
	ID           ID
	Organization OrganizationID
	Creator      UserID
	Title        *string // nil: the track has no title
	Engine       string
	Mode         Mode
	Duration     *float64 // measured, in seconds; nil: not measured
	Instrumental bool
	Licence      LicenceClass
	CreatedAt    time.Time // UTC
	Stems        []string  // names of the separate stems, in the order of the mix; none for most tracks
}

// Filter selects a window of a library. The zero value of a field that is a
// pointer selects everything.
type Filter struct {
	Mode       *Mode
	Engine     *string
	Collection *string // no collections exist yet, so any value selects nothing
	Limit      int     // MinLimit to MaxLimit
	Offset     int     // 0 to MaxOffset, counted after filtering
}

// Bounds of a window.
const (
	MinLimit     = 1
	MaxLimit     = 100
	DefaultLimit = 50
	MaxOffset    = 1_000_000_000
)
