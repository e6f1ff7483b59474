package requirement

func accessRequirements() []Requirement {
	return []Requirement{
		{
			ID: AccessMembersOnly, Level: Must,
			Statement: "A caller who does not belong to the organization in the path gets 404 for everything in it.",
			Source:    documented(pageDelete, "Path parameters", "the caller must belong to the organization"),
			Why:       "Organizations are the boundary between customers.",
		},
		{
			ID: AccessWhoLeftHasNone, Level: Must,
			Statement: "A caller who left an organization gets 404 for everything in it, including what " +
				"that caller created or saved there.",
			Source: decided("info", "the key's owner belongs to the organization in the path, else 404"),
			Why:    "Access has to end with membership.",
		},
		{
			ID: AccessTrackInOrganization, Level: Must,
			Statement: "A track exists only in its own organization: under the path of another one it is " +
				"404, even for a caller who belongs to both.",
			Source: documented(pageDelete, "Path parameters", "the organization the track is scoped to"),
			Why:    "The logs and limits of an organization have to cover all that happens in it.",
		},
		{
			ID: AccessExactIDs, Level: Must,
			Statement: "Ids are compared byte for byte: an id that merely resembles that of a track or an " +
				"organization does not exist.",
			Source: decided("info", "any other string is a track that does not exist"),
			Why: "Ids that match by prefix, case, trimming or folding let callers reach what they were not " +
				"given.",
		},
		{
			ID: AccessMatrix, Level: Must,
			Statement: "For every combination of membership, role, state of the track and organization in " +
				"the path, the response is the one that the order of checks gives.",
			Source: decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why:    "Holes hide in combinations that were not written down.",
		},
		{
			ID: AccessOwnResponse, Level: Must,
			Statement: "A response is for its caller: it never reaches another who asks for the same path " +
				"at the same time, soon afterwards, on the same connection, or by the other header.",
			Source: decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why:    "What one caller may see or do must not depend on who asked before.",
		},
		{
			ID: AccessNotPublic, Level: Should,
			Statement: "No response to a request with a key lets shared caches keep it: no public and no s-maxage.",
			Source:    decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why:       "X-API-Key, unlike Authorization, keeps no shared cache off.",
		},
		{
			ID: AccessOne404, Level: Must,
			Statement: "Missing, deleted, foreign and inaccessible tracks get the same response: status, " +
				"headers and body do not tell them apart.",
			Source: decided("info", "one 404: nothing in it tells which"),
			Why:    "Otherwise ids can be probed: which exist, which once did, and for whom.",
		},
		{
			ID: AccessOne404ByOtherMethods, Level: Must,
			Statement: "HEAD, OPTIONS and methods that are not offered do not tell missing, deleted, " +
				"foreign and inaccessible tracks apart either.",
			Source: decided("info", "one 404: nothing in it tells which"),
			Why:    "What one method hides, another must not reveal.",
		},
		{
			ID: AccessOne404InTime, Level: Should,
			Statement: "Missing, deleted, foreign and inaccessible tracks are refused in the same time.",
			Source:    decided("info", "one 404: not its timing tells which"),
			Why:       "A few milliseconds are measurable, and reveal as much as a message.",
		},
		{
			ID: AccessWhateverIsAsked, Level: Must,
			Statement: "Conditions, ranges and HEAD change no refusal and bring nothing back: what gets " +
				"401, 403 or 404 without them gets it with them, before and after a track is gone.",
			Source: decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why: "A 304, a 206 or a 412 says that the track is there, or was, to whom the same request " +
				"without a condition says nothing.",
		},
		{
			ID: AccessKeyOfARepeat, Level: Must,
			Statement: "An Idempotency-Key or a request id that was used before decides nothing: the " +
				"request is judged and carried out as if it came for the first time.",
			Source: decided("info", "in this order every request is checked: key, membership, access, creator"),
			Why: "A stored response belongs to another caller, another track or another time, and what was " +
				"asked for is not done.",
		},
	}
}

func authenticationRequirements() []Requirement {
	return []Requirement{
		{
			ID: KeyRequired, Level: Must,
			Statement: "Every operation gets 401 without a key.",
			Source:    documented(pageDelete, "Errors", "401: authentication required"),
			Why:       "Nothing in the API is public.",
		},
		{
			ID: KeyKnown, Level: Must,
			Statement: "An empty or unknown key gets 401 in every operation.",
			Source:    documented(pageDelete, "Errors", "401: provide a valid API key"),
			Why:       "A key that was never issued must not work.",
		},
		{
			ID: KeyExact, Level: Must,
			Statement: "Keys are compared byte for byte: a shortened, lengthened, re-cased or otherwise " +
				"changed key is unknown.",
			Source: decided("securitySchemes", "compared byte for byte"),
			Why:    "Every further key that works makes guessing easier.",
		},
		{
			ID: KeyRevoked, Level: Must,
			Statement: "A revoked key gets 401 in every operation.",
			Source:    documented(pageDelete, "Errors", "401: provide a valid API key"),
			Why:       "Revoking is the one remedy when a key has leaked.",
		},
		{
			ID: KeyInXAPIKey, Level: Must,
			Statement: "Every operation accepts the key in the header X-API-Key.",
			Source:    documented(pageDelete, "example", "X-API-Key: the caller's key"),
			Why:       "It is the way that the documentation shows.",
		},
		{
			ID: KeyAsBearer, Level: Must,
			Statement: "Every operation accepts the key in Authorization: Bearer, with the scheme's name " +
				"in any case.",
			Source: decided("securitySchemes", "the API key as a bearer token; the scheme's name is case-insensitive"),
			Why:    "HTTP libraries write the scheme's name in several ways.",
		},
		{
			ID: KeyXAPIKeyDecides, Level: Must,
			Statement: "Where both headers are sent, X-API-Key decides, even if it is empty.",
			Source:    decided("securitySchemes", "where both headers are sent this one decides, an empty one too"),
			Why:       "Two parties that look at different headers would disagree about who calls.",
		},
		{
			ID: KeyNowhereElse, Level: Must,
			Statement: "A key anywhere else (query, cookie, body, another scheme or header) is not accepted.",
			Source:    decided("securitySchemes", "X-API-Key, or Authorization: Bearer"),
			Why:       "Keys in URLs end up in logs and histories; keys in cookies can be used by other sites.",
		},
		{
			ID: KeyFirst, Level: Must,
			Statement: "The key is checked before anything else: without a valid one the response is 401 " +
				"whatever the path, the query and the body hold, and the same for what exists and what " +
				"does not.",
			Source: decided("info", "in this order every request is checked: the key, else 401"),
			Why:    "Otherwise ids can be probed without any key.",
		},
		{
			ID: KeyBeforePath, Level: Should,
			Statement: "The key is checked first also where the path holds what cannot be an id (NUL, invalid " +
				"UTF-8, an encoded slash, over 2 KiB): without a valid one the response is 401.",
			Source: decided("info", "in this order every request is checked: the key, else 401"),
			Why: "Who has no key learns nothing of how ids are made. A front that knows no keys may refuse " +
				"such a path by itself.",
		},
	}
}

func errorRequirements() []Requirement {
	return []Requirement{
		{
			ID: ErrorEnvelope, Level: Must,
			Statement: "Every error is a JSON object with success false and an error that holds code, " +
				"message, system_message, type, status, details, trace_id and timestamp, each of its " +
				"documented type.",
			Source: documented(pageDelete, "Errors", "the examples of 401, 403 and 404"),
			Why:    "Clients have one way of reading errors.",
		},
		{
			ID: ErrorMachineFields, Level: Must,
			Statement: "code, type and status of an error are those documented for its status.",
			Source:    documented(pageDelete, "Errors", "AUTHENTICATION_REQUIRED, INSUFFICIENT_PERMISSIONS, RESOURCE_NOT_FOUND"),
			Why:       "Programs branch on them.",
		},
		{
			ID: ErrorDetailsNameTrack, Level: Must, Operation: DeleteTrack,
			Statement: "The details of a delete's 403 and 404 hold the track_id that was sent.",
			Source:    documented(pageDelete, "Errors", "details of 403 and 404: track_id"),
			Why:       "Callers with many requests under way match errors by it.",
		},
		{
			ID: ErrorTraceIDUnique, Level: Must,
			Statement: "Each error has a trace_id of its own.",
			Source:    documented(pageDelete, "Errors", "each example has a trace_id of its own"),
			Why:       "Support finds one request by it.",
		},
		{
			ID: ErrorTraceIDIsRequestID, Level: Must,
			Statement: "If an error has the header X-Request-Id, it equals trace_id.",
			Source:    decided("headers", "X-Request-Id: with an error it equals trace_id"),
			Why:       "Two ids for one request lead support to the wrong one.",
		},
		{
			ID: ErrorTimestamp, Level: Must,
			Statement: "The timestamp of an error is the time of the response, in RFC 3339 and UTC.",
			Source:    documented(pageDelete, "Errors", "timestamp: RFC 3339 with Z"),
			Why:       "It is compared with the logs of other systems.",
		},
		{
			ID: ErrorNoInternals, Level: Must,
			Statement: "The texts of an error contain no stack trace and no database error.",
			Source:    decided("responses.Internal", "it tells nothing of its inside"),
			Why:       "They show an attacker where to look next.",
		},
	}
}
