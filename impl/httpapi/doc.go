// Package httpapi serves the contract over a [track.Store]: it implements the
// generated strict interface (convert, call, convert) and stands in front of
// it, so that every answer, wherever it comes from, has the contract's form.
//
// A request goes through
//
//	exchange    id, key, log line, observation
//	recovery    a panic becomes a 500
//	body        drained and ignored
//	router      401 before all else; unknown and unclean paths are 404, never redirected; 405
//	generated   parameter binding, then the operation within its deadline
//
// and whatever goes wrong on the way is an error that [server.fail], the only
// writer of the error envelope, turns into an answer by one table.
package httpapi
