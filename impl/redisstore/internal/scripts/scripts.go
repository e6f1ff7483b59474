// Package scripts holds the Lua scripts of the store and of its registry, one
// file for each operation. Each file begins with what it takes, returns and
// costs. What the first words of their replies mean stands here, once.
package scripts

import (
	"embed"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
)

//go:embed *.lua
var files embed.FS

// The scripts of the request path.
var (
	Authorize = load("authorize")
	Delete    = load("delete")
	Divide    = load("divide")
	FindKey   = load("find_key")
	Get       = load("get")
	List      = load("list")
	Prune     = load("prune")
	Unsave    = load("unsave")
)

// The scripts of the registry.
var (
	CreateKey        = load("create_key")
	CreateSaves      = load("create_saves")
	CreateTracks     = load("create_tracks")
	FindSavers       = load("find_savers")
	FindSaves        = load("find_saves")
	FinishRevocation = load("finish_revocation")
	IndexAdd         = load("index_add")
	RevokeKey        = load("revoke_key")
)

// What a script says first.
const (
	// OK: done, or done before by the same request. What follows is in the
	// script's header.
	OK lua.Code = "OK"
	// Saved: as OK, and the track may be in libraries, which the sweeper is to take it
	// out of.
	Saved lua.Code = "SAVED"
	// NoKey: the caller's key is nobody's, or revoked; in the ring of an
	// organization also that of somebody who does not belong to it.
	NoKey lua.Code = "NO_KEY"
	// NotFound: there is no such thing for the caller.
	NotFound lua.Code = "NOT_FOUND"
	// NotCreator: the caller sees the track but did not create it.
	NotCreator lua.Code = "NOT_CREATOR"
	// Behind: more deleted tracks await the sweeper than a reader passes over.
	// The caller's encoded id follows, which names the library to prune.
	Behind lua.Code = "BEHIND"
	// Undivided: more saves of a library are in none of its parts than the caller wanted; what was
	// asked for is done, unless it was to read a part.
	Undivided lua.Code = "UNDIVIDED"
	// Changed: what is stored is no longer what the registry saw, and nothing
	// was written.
	Changed lua.Code = "CHANGED"
)

func load(name string) *lua.Script {
	source, err := files.ReadFile(name + ".lua")
	if err != nil {
		panic(err) // the files are part of the binary
	}
	return lua.NewScript(name, string(source))
}
