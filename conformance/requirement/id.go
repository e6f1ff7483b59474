package requirement

import "strings"

// ID names a requirement: "delete.creator-may". It is stable, in kebab case, and never given to
// another requirement.
type ID string

// The requirements of the catalogue, which says what each asks for. A constant is named like its
// id, but for get.track, since GetTrack is the operation.
const (
	DeleteCreatorMay            ID = "delete.creator-may"
	DeleteAcknowledgement       ID = "delete.acknowledgement"
	DeleteDetailTellsSomething  ID = "delete.detail-tells-something"
	DeleteOnlyCreator           ID = "delete.only-creator"
	DeleteMissingIs404          ID = "delete.missing-is-404"
	DeleteNoAccessIs404         ID = "delete.no-access-is-404"
	DeleteLeavesEveryLibrary    ID = "delete.leaves-every-library"
	DeleteGoneForEverybody      ID = "delete.gone-for-everybody"
	DeleteStaysDeleted          ID = "delete.stays-deleted"
	DeleteNothingElse           ID = "delete.nothing-else"
	DeleteRepeatIs404           ID = "delete.repeat-is-404"
	DeleteOneSucceeds           ID = "delete.one-succeeds"
	DeleteLinearizable          ID = "delete.linearizable"
	DeleteRefusedChangesNothing ID = "delete.refused-changes-nothing"
	DeletePathDecides           ID = "delete.path-decides"
	DeleteBodyIgnored           ID = "delete.body-ignored"

	HistorySurvives           ID = "history.survives"
	HistoryGainsOne           ID = "history.gains-one"
	HistoryRefusedAddsNothing ID = "history.refused-adds-nothing"

	AccessMembersOnly          ID = "access.members-only"
	AccessWhoLeftHasNone       ID = "access.who-left-has-none"
	AccessTrackInOrganization  ID = "access.track-in-organization"
	AccessExactIDs             ID = "access.exact-ids"
	AccessMatrix               ID = "access.matrix"
	AccessOwnResponse          ID = "access.own-response"
	AccessNotPublic            ID = "access.not-public"
	AccessOne404               ID = "access.one-404"
	AccessOne404ByOtherMethods ID = "access.one-404-by-other-methods"
	AccessOne404InTime         ID = "access.one-404-in-time"
	AccessWhateverIsAsked      ID = "access.whatever-is-asked"
	AccessKeyOfARepeat         ID = "access.key-of-a-repeat"

	KeyRequired       ID = "key.required"
	KeyKnown          ID = "key.known"
	KeyExact          ID = "key.exact"
	KeyRevoked        ID = "key.revoked"
	KeyInXAPIKey      ID = "key.in-x-api-key"
	KeyAsBearer       ID = "key.as-bearer"
	KeyXAPIKeyDecides ID = "key.x-api-key-decides"
	KeyNowhereElse    ID = "key.nowhere-else"
	KeyFirst          ID = "key.first"
	KeyBeforePath     ID = "key.before-path"

	ErrorEnvelope           ID = "error.envelope"
	ErrorMachineFields      ID = "error.machine-fields"
	ErrorDetailsNameTrack   ID = "error.details-name-track"
	ErrorTraceIDUnique      ID = "error.trace-id-unique"
	ErrorTraceIDIsRequestID ID = "error.trace-id-is-request-id"
	ErrorTimestamp          ID = "error.timestamp"
	ErrorNoInternals        ID = "error.no-internals"

	GetWithAccess          ID = "get.with-access"
	GetTrackAsMade         ID = "get.track"
	GetPlaybackURL         ID = "get.playback-url"
	GetPlaybackURLOfItsOwn ID = "get.playback-url-of-its-own"
	GetMediaOfNoOther      ID = "get.media-of-no-other"
	GetMediaMinted         ID = "get.media-minted"
	GetNoAccessIs404       ID = "get.no-access-is-404"
	GetChangesNothing      ID = "get.changes-nothing"

	ListOwnSaves               ID = "list.own-saves"
	ListNewestFirst            ID = "list.newest-first"
	ListItems                  ID = "list.items"
	ListWindow                 ID = "list.window"
	ListDefaults               ID = "list.defaults"
	ListBounds                 ID = "list.bounds"
	ListBadWindowIs422         ID = "list.bad-window-is-422"
	ListMembershipBeforeWindow ID = "list.membership-before-window"
	ListFilters                ID = "list.filters"
	ListFiltersBeforeWindow    ID = "list.filters-before-window"
	ListChangesNothing         ID = "list.changes-nothing"
	ListChangedIsSent          ID = "list.changed-is-sent"
	ListFilterOfNothing        ID = "list.filter-of-nothing"
	ListPlainNumbers           ID = "list.plain-numbers"

	UnsaveAcknowledgement       ID = "unsave.acknowledgement"
	UnsaveLeavesLibrary         ID = "unsave.leaves-library"
	UnsaveNothingElse           ID = "unsave.nothing-else"
	UnsaveNotADelete            ID = "unsave.not-a-delete"
	UnsaveIdempotentWithAccess  ID = "unsave.idempotent-with-access"
	UnsaveEndsAccess            ID = "unsave.ends-access"
	UnsaveNoAccessIs404         ID = "unsave.no-access-is-404"
	UnsaveRefusedChangesNothing ID = "unsave.refused-changes-nothing"

	InputMalformedIDIs404     ID = "input.malformed-id-is-404"
	InputImpossibleIDHarmless ID = "input.impossible-id-harmless"
	InputImpossibleIDIs404    ID = "input.impossible-id-is-404"
	InputUnknownPathIs404     ID = "input.unknown-path-is-404"
	InputPathsAsWritten       ID = "input.paths-as-written"
	InputWrongMethodIs405     ID = "input.wrong-method-is-405"
	InputConnectionReuse      ID = "input.connection-reuse"
	InputLoad                 ID = "input.load"
	InputClientsAlike         ID = "input.clients-alike"
	InputAnyAccept            ID = "input.any-accept"
)

// JoinIDs writes ids in a line, separated by commas.
func JoinIDs(ids []ID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = string(id)
	}
	return strings.Join(texts, ", ")
}
