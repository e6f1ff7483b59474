package track

import "context"

// Caller is who asks, before anybody has checked it: the store finds out who
// the key belongs to in the same atomic step that does the work.
type Caller struct {
	Key Key
	// Request is the id of this request, minted by the server. The store keeps
	// it with a deletion, so that the same request carried out twice (a lost
	// reply, a failover) is answered the same and recorded once.
	Request string
}

// DeadlineContext is a context that nobody cancels: it ends by its deadline, and in
// no other way. A store may then wait without looking at its Done.
type DeadlineContext interface {
	context.Context
	EndsByDeadline()
}

// Store keeps the tracks and decides what a caller may do with them.
//
// Every method checks in this order: the key ([Unauthenticated]), that its
// owner belongs to the organization ([NotFound]), that the track is live, in
// that organization, and created or saved by the caller ([NotFound]), and for
// Delete that the caller created it ([NotCreator]). A method decides and acts
// in one atomic step: nothing that another caller does falls in between, and
// a refused call changes nothing.
//
// The ids are what a caller sent, of any length and of any bytes. One that
// [OrganizationID.Validate] or [ID.Validate] refuses is one that does not exist.
//
// Errors are [*Error]; anything else is internal. [Unavailable] leaves open
// whether the operation took effect. Methods may be called concurrently and
// honour the context's deadline.
type Store interface {
	// Delete marks the track as deleted and appends one [EventDeleted]. From
	// its return on, no Get and no ListSaved of anybody shows the track.
	Delete(context.Context, Caller, OrganizationID, ID) error
	// Get returns the track.
	Get(context.Context, Caller, OrganizationID, ID) (Track, error)
	// ListSaved returns the caller's library, newest save first. The slice is
	// the caller's to keep and may be empty. The filter is within its bounds.
	ListSaved(context.Context, Caller, OrganizationID, Filter) ([]Track, error)
	// Unsave removes the track from the caller's library. A creator keeps
	// access without it and may repeat it.
	Unsave(context.Context, Caller, OrganizationID, ID) error
	// Authorize checks the key and the membership alone, for requests that are
	// refused for another reason but must not tell a stranger so.
	Authorize(context.Context, Caller, OrganizationID) error
	// Ping reports whether the store answers.
	Ping(context.Context) error
}
