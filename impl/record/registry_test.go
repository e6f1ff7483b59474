package record_test

import (
	"testing"

	"github.com/seed-5ec2a705/mtrack/impl/record"
)

func TestError(t *testing.T) {
	t.Parallel()
	if s := (&record.Error{Index: 2, Reason: "is bad"}).Error(); s != "record 3: is bad" {
		t.Errorf("got %q", s)
	}
}
