package requirement

func deleteRequirements() []Requirement {
	return []Requirement{
		{
			ID: DeleteCreatorMay, Level: Must, Operation: DeleteTrack,
			Statement: "The creator of a live track, who belongs to its organization, deletes it and gets 200, whether it saved the track or not.",
			Source:    documented(pageDelete, "introduction", "the track's creator may delete it"),
			Why:       "A creator who cannot withdraw a track has lost control over it.",
		},
		{
			ID: DeleteAcknowledgement, Level: Must, Operation: DeleteTrack,
			Statement: "A delete is acknowledged by 200 and a JSON object with success true, id the id of the deleted track, and detail a text.",
			Source:    documented(pageDelete, "Returns", "a mutation acknowledgement: success, id, detail"),
			Why:       "Callers print detail, and match id with what they asked for; the documentation's examples read both.",
		},
		{
			ID: DeleteDetailTellsSomething, Level: Should, Operation: DeleteTrack,
			Statement: "The detail of an acknowledgement is not empty.",
			Source:    documented(pageDelete, "Returns", "detail is a human-readable confirmation"),
			Why:       "The documentation's examples print detail as the only sign of success.",
		},
		{
			ID: DeleteOnlyCreator, Level: Must, Operation: DeleteTrack,
			Statement: "Whoever has access to a track through saving it, and did not create it, gets 403.",
			Source:    documented(pageDelete, "introduction", "403 if the caller is not the creator"),
			Why:       "A listener who can delete takes the track away from everybody.",
		},
		{
			ID: DeleteMissingIs404, Level: Must, Operation: DeleteTrack,
			Statement: "Deleting a track that does not exist is 404.",
			Source:    documented(pageDelete, "introduction", "404 if the track does not exist"),
			Why:       "Clients tell a finished clean-up from a forbidden one by the status.",
		},
		{
			ID: DeleteNoAccessIs404, Level: Must, Operation: DeleteTrack,
			Statement: "Deleting a track that the caller neither created nor saved is 404, a member of the organization included.",
			Source:    documented(pageDelete, "introduction", "404 if the caller has no access to it"),
			Why:       "A 403 would tell that the id is taken.",
		},
		{
			ID: DeleteLeavesEveryLibrary, Level: Must, Operation: DeleteTrack,
			Statement: "From the answer on a deleted track is in nobody's library: not in the creator's, not in any saver's, and not behind any filter or window.",
			Source:    documented(pageDelete, "introduction", "after deletion the track no longer appears in any library"),
			Why:       "A withdrawn track that others still see was not withdrawn.",
		},
		{
			ID: DeleteGoneForEverybody, Level: Must, Operation: DeleteTrack,
			Statement: "From the answer on a deleted track is 404 for everybody and for every operation, its creator and its savers included.",
			Source:    documented(pageDelete, "introduction", "404 if the track does not exist"),
			Why:       "Whoever can still get it can still play it.",
		},
		{
			ID: DeleteStaysDeleted, Level: Must, Operation: DeleteTrack,
			Statement: "A deleted track stays deleted: neither time nor further requests bring it back.",
			Source:    decided("deleteTrack", "from the answer on the track is in no library and 404 for everybody"),
			Why:       "Late workers, replicas and caches that write a track back undo a withdrawal that was confirmed.",
		},
		{
			ID: DeleteNothingElse, Level: Must, Operation: DeleteTrack,
			Statement: "A delete touches that track alone: all others, of the same creator, saver, title, engine or organization, stay as they are, in their places in all libraries.",
			Source:    documented(pageDelete, "Path parameters", "track_id is the track to delete"),
			Why:       "Nobody asked for anything else to be lost.",
		},
		{
			ID: DeleteRepeatIs404, Level: Must, Operation: DeleteTrack,
			Statement: "Deleting a deleted track is 404, for its creator and for everybody else, as often as it is repeated.",
			Source:    decided("deleteTrack", "404 for everybody, its creator included"),
			Why:       "A second 200 would claim a deletion that did not happen; a 403 would tell that the track once was.",
		},
		{
			ID: DeleteOneSucceeds, Level: Must, Operation: DeleteTrack,
			Statement: "Of several deletes of one track at the same time exactly one is acknowledged, and all others are 404.",
			Source:    decided("deleteTrack", "the track is live, else 404; done"),
			Why:       "Each acknowledgement stands for one deletion and one event of the audit.",
		},
		{
			ID: DeleteLinearizable, Level: Must, Operation: DeleteTrack,
			Statement: "Requests at the same time come out as if they had been carried out one after another, each between its sending and its answer.",
			Source:    decided("info", "in this order every request is checked"),
			Why:       "Otherwise a confirmed delete can be lost, or a track be seen after it was confirmed to be gone.",
		},
		{
			ID: DeleteRefusedChangesNothing, Level: Must, Operation: DeleteTrack,
			Statement: "A delete that is refused changes nothing for anybody: not the track, not its neighbours, not a library, not its order.",
			Source:    decided("deleteTrack", "a refused request changes nothing"),
			Why:       "An attack that is answered with an error and carried out is carried out.",
		},
		{
			ID: DeletePathDecides, Level: Must, Operation: DeleteTrack,
			Statement: "The path alone says which track is deleted, the method alone that it is, and the key alone by whom: no body, query or other header changes that.",
			Source:    documented(pageDelete, "Path parameters", "organization_id and track_id are in the path"),
			Why:       "What a proxy or a check in front judges has to be what is carried out.",
		},
		{
			ID: DeleteBodyIgnored, Level: Must, Operation: DeleteTrack,
			Statement: "A body on a delete is ignored, whatever is in it and however it is sent.",
			Source:    decided("deleteTrack", "a body is ignored"),
			Why:       "Some HTTP libraries send one with every DELETE.",
		},
	}
}

func historyRequirements() []Requirement {
	return []Requirement{
		{
			ID: HistorySurvives, Level: Must, Operation: DeleteTrack,
			Statement: "The audit and billing events of a deleted track survive as they were: none lost, changed, added or moved.",
			Source:    documented(pageDelete, "introduction", "the audit and billing history survives"),
			Why:       "What was charged has to stay provable after the track is gone.",
		},
		{
			ID: HistoryGainsOne, Level: Must, Operation: DeleteTrack,
			Statement: "A delete adds exactly one track.deleted at the end of the track's history, by the caller and of now, and nothing to any other track's.",
			Source:    decided("deleteTrack", "its history stays and gains one track.deleted"),
			Why:       "The audit answers who deleted what and when.",
		},
		{
			ID: HistoryRefusedAddsNothing, Level: Must, Operation: DeleteTrack,
			Statement: "A delete that is refused, a repeated one included, leaves the history as it was.",
			Source:    decided("deleteTrack", "a refused request changes nothing"),
			Why:       "An audit that outsiders can write to proves nothing.",
		},
	}
}
