package requirement

func deleteRequirements() []Requirement {
	return []Requirement{
		{
			ID: DeleteCreatorMay, Level: Must, Operation: DeleteTrack,
			Statement: "The creator of a live track who belongs to its organization can delete it and gets " +
				"200, having saved the track or not.",
			Source: documented(pageDelete, "introduction", "the track's creator may delete it"),
			Why:    "A creator who cannot withdraw a track has lost control over it.",
		},
		{
			ID: DeleteAcknowledgement, Level: Must, Operation: DeleteTrack,
			Statement: "A delete is acknowledged with 200 and a JSON object that has success true, the id " +
				"of the deleted track in id, and a text in detail.",
			Source: documented(pageDelete, "Returns", "a mutation acknowledgement: success, id, detail"),
			Why: "Callers print detail, and match id with what they asked for; the documentation's " +
				"examples read both.",
		},
		{
			ID: DeleteDetailTellsSomething, Level: Should, Operation: DeleteTrack,
			Statement: "The detail of an acknowledgement is not empty.",
			Source:    documented(pageDelete, "Returns", "detail is a human-readable confirmation"),
			Why:       "The documentation's examples print detail as the only sign of success.",
		},
		{
			ID: DeleteOnlyCreator, Level: Must, Operation: DeleteTrack,
			Statement: "A caller who saved a track but did not create it gets 403.",
			Source:    documented(pageDelete, "introduction", "403 if the caller is not the creator"),
			Why:       "A listener who could delete a track would take it away from everyone.",
		},
		{
			ID: DeleteMissingIs404, Level: Must, Operation: DeleteTrack,
			Statement: "Deleting a track that does not exist gets 404.",
			Source:    documented(pageDelete, "introduction", "404 if the track does not exist"),
			Why:       "Clients tell a finished clean-up from a forbidden one by the status.",
		},
		{
			ID: DeleteNoAccessIs404, Level: Must, Operation: DeleteTrack,
			Statement: "Deleting a track that the caller neither created nor saved gets 404, even for a " +
				"member of the organization.",
			Source: documented(pageDelete, "introduction", "404 if the caller has no access to it"),
			Why:    "A 403 would reveal that the id exists.",
		},
		{
			ID: DeleteLeavesEveryLibrary, Level: Must, Operation: DeleteTrack,
			Statement: "From the response on, a deleted track is in no library: not in the creator's, not " +
				"in any saver's, and not behind any filter or window.",
			Source: documented(pageDelete, "introduction", "after deletion the track no longer appears in any library"),
			Why:    "A withdrawn track that others still see was not withdrawn.",
		},
		{
			ID: DeleteGoneForEverybody, Level: Must, Operation: DeleteTrack,
			Statement: "From the response on, a deleted track is 404 for everyone and in every operation, " +
				"including its creator and its savers.",
			Source: documented(pageDelete, "introduction", "404 if the track does not exist"),
			Why:    "A caller who can still get it can still play it.",
		},
		{
			ID: DeleteStaysDeleted, Level: Must, Operation: DeleteTrack,
			Statement: "A deleted track stays deleted: neither time nor further requests bring it back.",
			Source:    decided("deleteTrack", "from the answer on the track is in no library and 404 for everybody"),
			Why: "Late workers, replicas and caches that write a track back undo a withdrawal that was " +
				"confirmed.",
		},
		{
			ID: DeleteNothingElse, Level: Must, Operation: DeleteTrack,
			Statement: "A delete affects that track only: all others, also those of the same creator, " +
				"saver, title, engine or organization, stay as they are, in their places in all libraries.",
			Source: documented(pageDelete, "Path parameters", "track_id is the track to delete"),
			Why:    "Nothing else was asked to be deleted.",
		},
		{
			ID: DeleteRepeatIs404, Level: Must, Operation: DeleteTrack,
			Statement: "Deleting a deleted track gets 404, for its creator and for everyone else, however " +
				"often it is repeated.",
			Source: decided("deleteTrack", "404 for everybody, its creator included"),
			Why: "A second 200 would claim a deletion that did not happen; a 403 would reveal that the " +
				"track once existed.",
		},
		{
			ID: DeleteOneSucceeds, Level: Must, Operation: DeleteTrack,
			Statement: "Of several simultaneous deletes of one track exactly one is acknowledged, and all " +
				"others get 404.",
			Source: decided("deleteTrack", "the track is live, else 404; done"),
			Why:    "Each acknowledgement stands for one deletion and one event of the audit.",
		},
		{
			ID: DeleteLinearizable, Level: Must, Operation: DeleteTrack,
			Statement: "Simultaneous requests have the outcome of some order in which they are carried out " +
				"one after another, each between its sending and its response.",
			Source: decided("info", "in this order every request is checked"),
			Why: "Otherwise a confirmed delete can be lost, or a track can be seen after it was confirmed " +
				"to be gone.",
		},
		{
			ID: DeleteRefusedChangesNothing, Level: Must, Operation: DeleteTrack,
			Statement: "A refused delete changes nothing for anyone: not the track, not its neighbours, " +
				"not a library, not its order.",
			Source: decided("deleteTrack", "a refused request changes nothing"),
			Why:    "An attack that gets an error but is carried out all the same has succeeded.",
		},
		{
			ID: DeletePathDecides, Level: Must, Operation: DeleteTrack,
			Statement: "The path alone says which track is deleted, the method alone that it is deleted, " +
				"and the key alone by whom: no body, query or other header changes that.",
			Source: documented(pageDelete, "Path parameters", "organization_id and track_id are in the path"),
			Why:    "What a proxy or a check in front approves has to be what is carried out.",
		},
		{
			ID: DeleteBodyIgnored, Level: Must, Operation: DeleteTrack,
			Statement: "A body on a delete is ignored, whatever it holds and however it is sent.",
			Source:    decided("deleteTrack", "a body is ignored"),
			Why:       "Some HTTP libraries send one with every DELETE.",
		},
	}
}

func historyRequirements() []Requirement {
	return []Requirement{
		{
			ID: HistorySurvives, Level: Must, Operation: DeleteTrack,
			Statement: "The audit and billing events of a deleted track survive as they were: none lost, " +
				"changed, added or moved.",
			Source: documented(pageDelete, "introduction", "the audit and billing history survives"),
			Why:    "What was charged has to stay provable after the track is gone.",
		},
		{
			ID: HistoryGainsOne, Level: Must, Operation: DeleteTrack,
			Statement: "A delete adds exactly one track.deleted to the end of the track's history, by the " +
				"caller and with the current time, and nothing to the history of any other track.",
			Source: decided("deleteTrack", "its history stays and gains one track.deleted"),
			Why:    "The audit says who deleted what, and when.",
		},
		{
			ID: HistoryRefusedAddsNothing, Level: Must, Operation: DeleteTrack,
			Statement: "A refused delete, including a repeated one, leaves the history as it was.",
			Source:    decided("deleteTrack", "a refused request changes nothing"),
			Why:       "An audit that outsiders can write to proves nothing.",
		},
	}
}
