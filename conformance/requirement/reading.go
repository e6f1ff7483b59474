package requirement

func getRequirements() []Requirement {
	return []Requirement{
		{
			ID: GetWithAccess, Level: Must, Operation: GetTrack,
			Statement: "Whoever created or saved a live track of an organization that it belongs to gets it: 200.",
			Source:    documented(pageGet, "introduction", "access by creating or saving"),
			Why:       "Saved tracks are there to be played.",
		},
		{
			ID: GetTrackAsMade, Level: Must, Operation: GetTrack,
			Statement: "A track is told with id, title, engine, mode, measured_duration_seconds, instrumental, licence_class and created_at (UTC), as it was made, the same to everybody.",
			Source:    documented(pageGet, "Returns", "the track's members"),
			Why:       "Players and licence checks depend on them.",
		},
		{
			ID: GetPlaybackURL, Level: Must, Operation: GetTrack,
			Statement: "A track that is got has an absolute playback_url, and stem_urls, where there are any, are absolute too.",
			Source:    documented(pageGet, "Returns", "playback_url: a signed URL"),
			Why:       "Getting a track is how a caller comes to play it.",
		},
		{
			ID: GetPlaybackURLOfItsOwn, Level: Should, Operation: GetTrack,
			Statement: "Different tracks have different playback_urls.",
			Source:    documented(pageGet, "Returns", "playback_url: a signed URL"),
			Why:       "Whoever has access to one track must not be given another one to play.",
		},
		{
			ID: GetNoAccessIs404, Level: Must, Operation: GetTrack,
			Statement: "A track that is missing, or that the caller neither created nor saved, is 404.",
			Source:    documented(pageGet, "Errors", "404 for missing and for no access"),
			Why:       "Tracks are private to those who made or saved them.",
		},
		{
			ID: GetChangesNothing, Level: Must, Operation: GetTrack,
			Statement: "Getting changes nothing, whether it is answered or refused.",
			Source:    documented(pageGet, "introduction", "GET"),
			Why:       "Reading is repeated freely by clients and proxies.",
		},
	}
}

func listRequirements() []Requirement {
	return []Requirement{
		{
			ID: ListOwnSaves, Level: Must, Operation: ListSavedTracks,
			Statement: "A list is what the caller saved in that organization, each track once, and nothing else: not what it created without saving, not what others saved, not what it saved elsewhere.",
			Source:    documented(pageList, "introduction", "the caller's library: what it saved"),
			Why:       "A library is personal and belongs to one organization.",
		},
		{
			ID: ListNewestFirst, Level: Must, Operation: ListSavedTracks,
			Statement: "The track saved last comes first.",
			Source:    documented(pageList, "introduction", "newest save first"),
			Why:       "Pages are meaningless without an order.",
		},
		{
			ID: ListItems, Level: Must, Operation: ListSavedTracks,
			Statement: "An item of a list is the track as getting shows it, with playback_url and stem_urls null.",
			Source:    documented(pageList, "Returns", "in items playback_url and stem_urls are always null"),
			Why:       "Lists are kept for longer than signed URLs may live.",
		},
		{
			ID: ListWindow, Level: Must, Operation: ListSavedTracks,
			Statement: "limit and offset cut a window out of the list and are told back; beyond the end it is empty.",
			Source:    documented(pageList, "Query parameters", "limit and offset; answer: items, limit, offset"),
			Why:       "Otherwise paging skips or repeats tracks.",
		},
		{
			ID: ListDefaults, Level: Must, Operation: ListSavedTracks,
			Statement: "Without limit it is 50, without offset it is 0.",
			Source:    documented(pageList, "Query parameters", "limit: default 50; offset: default 0"),
			Why:       "Callers that send neither rely on it.",
		},
		{
			ID: ListBounds, Level: Must, Operation: ListSavedTracks,
			Statement: "A limit of 1 and of 100 is served.",
			Source:    documented(pageList, "Query parameters", "limit: 1 to 100"),
			Why:       "Both ends are documented.",
		},
		{
			ID: ListBadWindowIs422, Level: Must, Operation: ListSavedTracks,
			Statement: "A limit outside 1 to 100, a negative offset, and what is no number are 422 VALIDATION_ERROR.",
			Source:    decided("listSavedTracks", "the 422 of a value outside its range"),
			Why:       "A silently changed window loses tracks.",
		},
		{
			ID: ListMembershipBeforeWindow, Level: Should, Operation: ListSavedTracks,
			Statement: "Membership is checked before limit and offset: an outsider's bad window is 404.",
			Source:    decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why:       "One order of checks for every request is one thing to know.",
		},
		{
			ID: ListFilters, Level: Must, Operation: ListSavedTracks,
			Statement: "mode and engine keep exactly the tracks that have that value, alone and together, in the same order.",
			Source:    documented(pageList, "Query parameters", "mode, engine: filters"),
			Why:       "A filter that is ignored or matches by halves shows the wrong tracks.",
		},
		{
			ID: ListFiltersBeforeWindow, Level: Must, Operation: ListSavedTracks,
			Statement: "Filters apply before limit and offset count.",
			Source:    decided("listSavedTracks", "filters apply before limit and offset count"),
			Why:       "Otherwise pages are half empty, and the end of the list cannot be told.",
		},
		{
			ID: ListChangesNothing, Level: Must, Operation: ListSavedTracks,
			Statement: "Listing changes nothing, whether it is answered or refused.",
			Source:    documented(pageList, "introduction", "GET"),
			Why:       "Reading is repeated freely by clients and proxies.",
		},
	}
}

func unsaveRequirements() []Requirement {
	inferred := func(quote string) Source {
		return Source{Page: pageUnsave, Section: "unsaveTrack", Quote: quote, Inferred: true}
	}
	return []Requirement{
		{
			ID: UnsaveAcknowledgement, Level: Must, Operation: UnsaveTrack,
			Statement: "Removing a saved track is acknowledged like a delete: 200, success true, id of the track, detail a text.",
			Source:    inferred("the same acknowledgement as delete"),
			Why:       "One way of reading acknowledgements.",
		},
		{
			ID: UnsaveLeavesLibrary, Level: Must, Operation: UnsaveTrack,
			Statement: "From the answer on the track is out of the caller's library, and stays out.",
			Source:    inferred("removes the caller's library edge"),
			Why:       "It is what was asked for.",
		},
		{
			ID: UnsaveNothingElse, Level: Must, Operation: UnsaveTrack,
			Statement: "The track itself, the libraries of others and the rest of the caller's stay as they are.",
			Source:    inferred("the track itself stays"),
			Why:       "Tidying one's library must not take anything from others.",
		},
		{
			ID: UnsaveNotADelete, Level: Must, Operation: UnsaveTrack,
			Statement: "Removing a saved track adds no track.deleted to its history, also when the caller is the creator.",
			Source:    inferred("the track itself stays"),
			Why:       "The audit would tell of a deletion that was none.",
		},
		{
			ID: UnsaveIdempotentWithAccess, Level: Must, Operation: UnsaveTrack,
			Statement: "Repeating it is 200 while the caller still has access, which a creator keeps, saved or not.",
			Source:    inferred("idempotent while the caller still has access"),
			Why:       "Clients repeat requests whose answers were lost.",
		},
		{
			ID: UnsaveEndsAccess, Level: Must, Operation: UnsaveTrack,
			Statement: "Whoever had the track only by saving it has no access any more: 404 from then on, for unsaving again too.",
			Source:    inferred("404 without access"),
			Why:       "Access follows from creating or saving, and nothing else.",
		},
		{
			ID: UnsaveNoAccessIs404, Level: Must, Operation: UnsaveTrack,
			Statement: "Without access to the track, or without a track, it is 404.",
			Source:    inferred("404 without access"),
			Why:       "The same answer as everywhere, so that ids cannot be probed here either.",
		},
		{
			ID: UnsaveRefusedChangesNothing, Level: Must, Operation: UnsaveTrack,
			Statement: "A removal that is refused changes nothing for anybody.",
			Source:    decided("info", "one 404"),
			Why:       "An attack that is answered with an error and carried out is carried out.",
		},
	}
}

func inputRequirements() []Requirement {
	return []Requirement{
		{
			ID: InputMalformedIDIs404, Level: Must,
			Statement: "A malformed id, of any characters and up to 1 KiB long, is a track or an organization that does not exist: 404.",
			Source:    decided("parameters.TrackID", "any other string is a track that does not exist"),
			Why:       "A second kind of answer for ids would be a second thing to handle, and a hint at how ids are made.",
		},
		{
			ID: InputImpossibleIDHarmless, Level: Must,
			Statement: "What cannot be an id (NUL, invalid UTF-8, an encoded slash, an empty or dot segment, over 2 KiB) is answered, never by 2xx, 3xx or 5xx, and never has an effect.",
			Source:    decided("info", "a path with empty or dot segments is unknown"),
			Why:       "Paths that are cleaned on the way mean one thing to the check and another to the deletion.",
		},
		{
			ID: InputImpossibleIDIs404, Level: Should,
			Statement: "What cannot be an id is 404.",
			Source:    decided("info", "a path with empty or dot segments is unknown"),
			Why:       "One answer for everything that does not exist.",
		},
		{
			ID: InputUnknownPathIs404, Level: Must,
			Statement: "An unknown path is 404 in the error envelope, never a redirect, and has no effect.",
			Source:    decided("info", "an unknown path answers 404"),
			Why:       "Clients read every error the same way, and a redirected DELETE hits what nobody named.",
		},
		{
			ID: InputPathsAsWritten, Level: Should,
			Statement: "A path is taken as it is written: its words in their case, its segments with all that is in them.",
			Source:    decided("info", "an unknown path answers 404"),
			Why:       "A rule in front that protects one spelling protects no other.",
		},
		{
			ID: InputWrongMethodIs405, Level: Must,
			Statement: "A known path with another method is 405 in the error envelope, with an Allow that names the right ones, and has no effect.",
			Source:    decided("info", "a known path with another method answers 405 with Allow"),
			Why:       "It tells a wrong call from a missing track.",
		},
		{
			ID: InputConnectionReuse, Level: Must,
			Statement: "Several requests on one connection, after bodies and pipelined too, are each answered as if they had come alone.",
			Source:    decided("deleteTrack", "a body is ignored"),
			Why:       "A body that is read as the next request lets one caller speak for another.",
		},
		{
			ID: InputLoad, Level: Must,
			Statement: "Correct requests are answered correctly every time.",
			Source:    decided("info", "in this order every request is checked"),
			Why:       "An error now and then is an error.",
		},
	}
}
