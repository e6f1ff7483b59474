// Package redisstore keeps tracks in Redis: it implements [track.Store]. Beside
// it, package registry implements the other side of the same data,
// record.Registry, and package redisurl opens clients. What they share lies in
// internal: scripts holds the Lua scripts, lua runs them, schema says how the
// data lies in Redis.
//
// # How it works
//
// One operation is one Lua script and one round trip. Everything that an
// operation looks at (the caller's key, its membership, the track, its
// savers) and everything that it changes (the track, libraries) lies in
// one hash slot per organization, so that a script decides and acts in one
// atomic step, on Redis Cluster too. Only a key that the organization does not
// know costs a second look, at the key's own record, to tell "no such key" from
// "not here".
//
// Scripts that wait at the same time go out in one pipeline. No script is sent
// a second time by the client library. Where a reply is lost, or Redis cannot be
// reached, the store sends the script again itself, with pauses, for as long as
// its caller waits; where a reply takes longer than half a second it sends the
// script once more on another connection, and takes the first reply that comes.
// The scripts recognize the request by its id. A Redis that has been away for
// longer than five seconds is not waited for.
//
// Deleting costs the same however many libraries hold the track: the script
// marks it and puts it on the organization's list of dead tracks, unless the
// track says that nobody has ever saved it. Readers skip what is on that list,
// and a worker takes the dead edges out of the libraries afterwards, in small
// steps, until the list is empty again.
//
// A library is one sorted set. What it holds of a mode, of an engine, and of both
// are its parts, sorted sets that are made for whoever first asks for a part, in
// small steps as well; what is saved later is in none of them until so much has
// come together that a reader would look through it for too long. Most people
// never ask: their libraries take a quarter of the writes and of the memory.
//
// Redis undoes nothing where it refuses a command in the middle of a script. So
// the mark of a deletion is its event as well, scripts look at the types of
// what they are going to write first, and order their writes so that none is
// refused after an effect that shows, or take back what they wrote.
//
// # Redis Cluster
//
// While a slot moves to another node, what only reads one track and every
// refusal are answered as always. A list needs the ring, the dead tracks and
// the library of the caller on one node, a deletion the ring, the dead tracks
// and the track, an unsave the ring, the track, its savers and the parts of the
// library that hold it. Before the first and after the last key has moved they
// are; in between they may be parted, and such requests are tried again until
// their time is up, then unavailable. A part of a library needs the organization
// and the tracks that were saved lately, too. Imports fail where slots move, and
// are to be repeated.
//
// # Time
//
// A deletion, and the event that it is, has the time at which this process was
// asked for it, however often it was sent; keys are created and revoked by the
// clock of the Redis server. Times are kept in whole microseconds.
//
// # What Redis must do
//
// Redis 6.2 or later, with maxmemory-policy noeviction: an evicted key is lost
// data. A user with the rights of [UserACL] suffices; [CheckPermissions] asks
// Redis 7 or later whether it has them. How much of what was acknowledged
// survives a crash is Redis's own setting (appendfsync).
package redisstore
