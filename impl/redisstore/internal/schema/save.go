package schema

import (
	"fmt"
	"strconv"
	"time"
)

// Save is when a user saved a track, in microseconds as a sorted set keeps
// them, and the same of the save that the user removed last.
type Save struct{ At, Removed *float64 }

// DecodeSave reads the scores that a user and [RemovedSaver] with it have among
// the savers of a track: numbers or strings, by the version of the protocol, or
// nil.
func DecodeSave(scores any) (Save, error) {
	list, ok := scores.([]any)
	if !ok || len(list) != 2 {
		return Save{}, fmt.Errorf("unexpected scores %T", scores)
	}
	var s Save
	for i, time := range []**float64{&s.At, &s.Removed} {
		switch score := list[i].(type) {
		case nil:
		case float64:
			*time = &score
		case string:
			value, err := strconv.ParseFloat(score, 64)
			if err != nil {
				return Save{}, err
			}
			*time = &value
		default:
			return Save{}, fmt.Errorf("unexpected score %T", score)
		}
	}
	return s, nil
}

// IsAt reports whether there is a save, made at that time.
func (s Save) IsAt(t time.Time) bool { return s.At != nil && *s.At == float64(t.UnixMicro()) }
