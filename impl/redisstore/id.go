package redisstore

import (
	"crypto/rand"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// What stands for ids that cannot be: nobody belongs to this organization, and
// there is no such track. A request for them is refused in the same way and
// time as for any other that does not exist, and their length costs nothing.
const (
	unknownOrganization track.OrganizationID = ""
	unknownTrack        track.ID             = ""
)

func encodeOrganization(id track.OrganizationID) schema.EncodedID {
	if id.Validate() != nil {
		id = unknownOrganization
	}
	return schema.Encode(id)
}

func encodeTrack(id track.ID) schema.EncodedID {
	if id.Validate() != nil {
		id = unknownTrack
	}
	return schema.Encode(id)
}

// encodeRequest encodes the id of the caller's request. A caller without one
// gets one of its own: no two of them are the same request.
func encodeRequest(caller track.Caller) schema.EncodedID {
	if caller.Request == "" {
		return schema.EncodedID(rand.Text())
	}
	return schema.Encode(caller.Request)
}
