package scripts

import (
	"strconv"

	"github.com/seed-5ec2a705/mtrack/impl/redisstore/internal/lua"
)

// divideTogether is how many saves one run of divide.lua puts into parts of their
// library: nobody else is served meanwhile, for half a millisecond.
const divideTogether = 50

// DivideCall returns the call that puts some saves of a user's library into its
// parts, by the keys of the organization and of the library, the encoded id of the
// user, and the prefix of the organization's tracks. It is to be repeated until
// [IsDivided].
func DivideCall(organization, library, user, tracks string) lua.Call {
	return lua.Call{Script: Divide, Keys: []string{organization, library}, Args: []any{user, tracks, divideTogether}}
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
