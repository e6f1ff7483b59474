package scripts

import (
	"strconv"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/schema"
)

// divideTogether is how many saves one run of divide.lua puts into parts of their
// library: nobody else is served meanwhile.
const divideTogether = 100

// DivideCall returns the call that puts some saves of a user's library into its
// parts. It is to be repeated until [IsDivided].
func DivideCall(keys schema.Keyspace, o, user schema.EncodedID) lua.Call {
	return lua.Call{
		Script: Divide,
		Keys:   []string{keys.Organization(o), keys.Library(o, user)},
		Args:   []any{string(user), keys.TrackPrefix(o), divideTogether},
	}
}

// IsDivided reports by the reply to such a call whether nothing is left to put
// into parts.
func IsDivided(reply lua.Reply) (bool, error) {
	text, err := reply.Text()
	if err != nil {
		return false, err
	}
	count, err := strconv.Atoi(text)
	if err != nil || reply.Code != OK {
		return false, reply.Unexpected()
	}
	return count < divideTogether, nil
}
