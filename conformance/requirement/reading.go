package requirement

func getRequirements() []Requirement {
	return []Requirement{
		{
			ID: GetWithAccess, Level: Must, Operation: GetTrack,
			Statement: "A caller who created or saved a live track, and belongs to its organization, gets it: 200.",
			Source:    documented(pageGet, "introduction", "access by creating or saving"),
			Why:       "Saved tracks are there to be played.",
		},
		{
			ID: GetTrackAsMade, Level: Must, Operation: GetTrack,
			Statement: "A track is returned with id, title, engine, mode, measured_duration_seconds, " +
				"instrumental, licence_class and created_at (UTC), as it was made, and the same to " +
				"everyone.",
			Source: documented(pageGet, "Returns", "the track's members"),
			Why:    "Players and licence checks depend on them.",
		},
		{
			ID: GetPlaybackURL, Level: Must, Operation: GetTrack,
			Statement: "Getting a track returns an absolute playback_url, and stem_urls, where there are " +
				"any, are absolute too.",
			Source: documented(pageGet, "Returns", "playback_url: a signed URL"),
			Why:    "A caller gets a track in order to play it.",
		},
		{
			ID: GetPlaybackURLOfItsOwn, Level: Should, Operation: GetTrack,
			Statement: "Different tracks have different playback_urls.",
			Source:    documented(pageGet, "Returns", "playback_url: a signed URL"),
			Why:       "Access to one track must not let a caller play another.",
		},
		{
			ID: GetMediaOfNoOther, Level: Must, Operation: GetTrack,
			Statement: "playback_url and stem_urls are those of the track, never another's, and hold no API key.",
			Source:    documented(pageGet, "Returns", "playback_url: a signed URL"),
			Why:       "Access to one track must not let a caller play another, and URLs are passed on.",
		},
		{
			ID: GetMediaMinted, Level: Should, Operation: GetTrack,
			Statement: "playback_url and stem_urls are minted for each response.",
			Source:    documented(pageGet, "Returns", "minted for each request, and expires quickly"),
			Why:       "A URL that never changes is access for good to whoever once had it.",
		},
		{
			ID: GetNoAccessIs404, Level: Must, Operation: GetTrack,
			Statement: "A track that is missing, or that the caller neither created nor saved, is 404.",
			Source:    documented(pageGet, "Errors", "404 for missing and for no access"),
			Why:       "Tracks are private to those who made or saved them.",
		},
		{
			ID: GetChangesNothing, Level: Must, Operation: GetTrack,
			Statement: "Getting a track changes nothing, whether it succeeds or is refused.",
			Source:    documented(pageGet, "introduction", "GET"),
			Why:       "Clients and proxies repeat reads freely.",
		},
	}
}

func listRequirements() []Requirement {
	return []Requirement{
		{
			ID: ListOwnSaves, Level: Must, Operation: ListSavedTracks,
			Statement: "A list holds what the caller saved in that organization, each track once, and " +
				"nothing else: not what the caller created without saving, not what others saved, not what " +
				"the caller saved elsewhere.",
			Source: documented(pageList, "introduction", "the caller's library: what it saved"),
			Why:    "A library is personal and belongs to one organization.",
		},
		{
			ID: ListNewestFirst, Level: Must, Operation: ListSavedTracks,
			Statement: "The track saved last comes first.",
			Source:    documented(pageList, "introduction", "newest save first"),
			Why:       "Pages are meaningless without an order.",
		},
		{
			ID: ListItems, Level: Must, Operation: ListSavedTracks,
			Statement: "An item of a list is the track as getTrack returns it, with playback_url and stem_urls null.",
			Source:    documented(pageList, "Returns", "in items playback_url and stem_urls are always null"),
			Why:       "Lists are kept for longer than signed URLs may live.",
		},
		{
			ID: ListWindow, Level: Must, Operation: ListSavedTracks,
			Statement: "limit and offset select a window of the list and are echoed in the response; " +
				"beyond the end it is empty.",
			Source: documented(pageList, "Query parameters", "limit and offset; response: items, limit, offset"),
			Why:    "Otherwise paging skips or repeats tracks.",
		},
		{
			ID: ListDefaults, Level: Must, Operation: ListSavedTracks,
			Statement: "The default limit is 50, and the default offset is 0.",
			Source:    documented(pageList, "Query parameters", "limit: default 50; offset: default 0"),
			Why:       "Callers that send neither rely on them.",
		},
		{
			ID: ListBounds, Level: Must, Operation: ListSavedTracks,
			Statement: "Limits of 1 and of 100 are accepted.",
			Source:    documented(pageList, "Query parameters", "limit: 1 to 100"),
			Why:       "Both ends are documented.",
		},
		{
			ID: ListBadWindowIs422, Level: Must, Operation: ListSavedTracks,
			Statement: "A limit outside 1 to 100, a negative offset, and non-numeric values get 422 " +
				"VALIDATION_ERROR.",
			Source: decided("listSavedTracks", "the 422 of a value outside its range"),
			Why:    "A silently changed window loses tracks.",
		},
		{
			ID: ListMembershipBeforeWindow, Level: Should, Operation: ListSavedTracks,
			Statement: "Membership is checked before limit and offset: an outsider's bad window gets 404.",
			Source:    decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why:       "Callers can rely on one order of checks for every request.",
		},
		{
			ID: ListFilters, Level: Must, Operation: ListSavedTracks,
			Statement: "mode and engine keep exactly the tracks with that value, alone and together, in " +
				"the same order.",
			Source: documented(pageList, "Query parameters", "mode, engine: filters"),
			Why:    "A filter that is ignored or matches in part shows the wrong tracks.",
		},
		{
			ID: ListFiltersBeforeWindow, Level: Must, Operation: ListSavedTracks,
			Statement: "Filters apply before limit and offset.",
			Source:    decided("listSavedTracks", "filters apply before limit and offset count"),
			Why:       "Otherwise pages are half empty, and the end of the list cannot be recognized.",
		},
		{
			ID: ListChangesNothing, Level: Must, Operation: ListSavedTracks,
			Statement: "Listing changes nothing, whether it succeeds or is refused.",
			Source:    documented(pageList, "introduction", "GET"),
			Why:       "Clients and proxies repeat reads freely.",
		},
		{
			ID: ListChangedIsSent, Level: Must, Operation: ListSavedTracks,
			Statement: "A list that has changed is sent, never 304, whatever the caller knows of the list before.",
			Source:    decided("listSavedTracks", "the caller's library, as it is"),
			Why:       "A caller who is told that nothing changed goes on offering what is gone.",
		},
		{
			ID: ListFilterOfNothing, Level: Should, Operation: ListSavedTracks,
			Statement: "A filter that nothing can match, such as an unknown collection_id or an empty mode " +
				"or engine, yields no tracks, 404 or 422, never the whole library.",
			Source: decided("listSavedTracks", "a filter keeps what has its value"),
			Why:    "A caller with a bug in its filter acts on tracks that it did not mean.",
		},
		{
			ID: ListPlainNumbers, Level: Should, Operation: ListSavedTracks,
			Statement: "limit and offset are decimal digits: numbers in other notations, or with something " +
				"behind them, get 422.",
			Source: decided("listSavedTracks", "the 422 of a value outside its range"),
			Why:    "Two readers of one number, such as a proxy and a server, have to read the same.",
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
			Statement: "Removing a saved track is acknowledged like a delete: 200, success true, the id of " +
				"the track in id, and a text in detail.",
			Source: inferred("the same acknowledgement as delete"),
			Why:    "Callers read all acknowledgements the same way.",
		},
		{
			ID: UnsaveLeavesLibrary, Level: Must, Operation: UnsaveTrack,
			Statement: "From the response on, the track is out of the caller's library, and stays out.",
			Source:    inferred("removes the caller's library edge"),
			Why:       "It is what was asked for.",
		},
		{
			ID: UnsaveNothingElse, Level: Must, Operation: UnsaveTrack,
			Statement: "The track itself, the libraries of others and the rest of the caller's library " +
				"stay as they are.",
			Source: inferred("the track itself stays"),
			Why:    "Tidying one's library must not take anything from others.",
		},
		{
			ID: UnsaveNotADelete, Level: Must, Operation: UnsaveTrack,
			Statement: "Removing a saved track adds no track.deleted to its history, also when the caller " +
				"is the creator.",
			Source: inferred("the track itself stays"),
			Why:    "The audit would record a deletion that never happened.",
		},
		{
			ID: UnsaveIdempotentWithAccess, Level: Must, Operation: UnsaveTrack,
			Statement: "Repeating it gets 200 as long as the caller has access, which a creator keeps, " +
				"having saved the track or not.",
			Source: inferred("idempotent while the caller still has access"),
			Why:    "Clients repeat requests whose responses were lost.",
		},
		{
			ID: UnsaveEndsAccess, Level: Must, Operation: UnsaveTrack,
			Statement: "A caller who had access only by saving the track loses it: 404 from then on, also " +
				"for unsaving again.",
			Source: inferred("404 without access"),
			Why:    "Access follows from creating or saving, and from nothing else.",
		},
		{
			ID: UnsaveNoAccessIs404, Level: Must, Operation: UnsaveTrack,
			Statement: "Unsaving a track that does not exist, or that the caller has no access to, gets 404.",
			Source:    inferred("404 without access"),
			Why:       "The same response as everywhere, so that ids cannot be probed here either.",
		},
		{
			ID: UnsaveRefusedChangesNothing, Level: Must, Operation: UnsaveTrack,
			Statement: "A refused removal changes nothing for anyone.",
			Source:    decided("info", "one 404"),
			Why:       "An attack that gets an error but is carried out all the same has succeeded.",
		},
	}
}

func inputRequirements() []Requirement {
	return []Requirement{
		{
			ID: InputMalformedIDIs404, Level: Must,
			Statement: "A malformed id, of any characters and up to 1 KiB long, names a track or an " +
				"organization that does not exist: 404.",
			Source: decided("parameters.TrackID", "any other string is a track that does not exist"),
			Why: "A second kind of response for ids would be a second thing to handle, and a hint at how " +
				"ids are made.",
		},
		{
			ID: InputImpossibleIDHarmless, Level: Must,
			Statement: "What cannot be an id (NUL, invalid UTF-8, an encoded slash, an empty or dot " +
				"segment, over 2 KiB) gets a response, never 2xx, 3xx or 5xx, and never has an effect.",
			Source: decided("info", "a path with empty or dot segments is unknown"),
			Why:    "Paths that are cleaned on the way mean one thing to the check and another to the deletion.",
		},
		{
			ID: InputImpossibleIDIs404, Level: Should,
			Statement: "What cannot be an id gets 404.",
			Source:    decided("info", "a path with empty or dot segments is unknown"),
			Why:       "One response for everything that does not exist.",
		},
		{
			ID: InputUnknownPathIs404, Level: Must,
			Statement: "An unknown path gets 404 in the error envelope, never a redirect, and has no effect.",
			Source:    decided("info", "an unknown path answers 404"),
			Why:       "Clients read every error the same way, and a redirected DELETE deletes what was not named.",
		},
		{
			ID: InputPathsAsWritten, Level: Should,
			Statement: "A path is taken literally: its words are case-sensitive, and all of a segment counts.",
			Source:    decided("info", "an unknown path answers 404"),
			Why:       "A proxy's rule that protects one spelling protects no other.",
		},
		{
			ID: InputWrongMethodIs405, Level: Must,
			Statement: "A known path with another method gets 405 in the error envelope, with an Allow " +
				"that names the right ones, and has no effect.",
			Source: decided("info", "a known path with another method answers 405 with Allow"),
			Why:    "It distinguishes a wrong call from a missing track.",
		},
		{
			ID: InputConnectionReuse, Level: Must,
			Statement: "Several requests on one connection, also after bodies and pipelined, are each " +
				"answered as if they had come alone.",
			Source: decided("deleteTrack", "a body is ignored"),
			Why:    "A body that is read as the next request lets one caller speak for another.",
		},
		{
			ID: InputLoad, Level: Must,
			Statement: "Correct requests are answered correctly every time.",
			Source:    decided("info", "in this order every request is checked"),
			Why:       "An occasional error is an error.",
		},
		{
			ID: InputClientsAlike, Level: Must,
			Statement: "What clients send by themselves (Origin, User-Agent or none, what they accept " +
				"beside JSON, preferences) makes no difference.",
			Source: decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why:    "The key decides who may call, not the program that does.",
		},
		{
			ID: InputAnyAccept, Level: Should,
			Statement: "Responses are JSON in the documented form also to callers who ask for other media types only.",
			Source:    decided("info", "every error has the one envelope"),
			Why:       "406 is no documented status, and an error in another form is read by no client.",
		},
	}
}
