package explore

import (
	"slices"
	"testing"
)

func TestShrinkFindsTheCulprits(t *testing.T) {
	long := make([]int, 60)
	for i := range long {
		long[i] = i
	}
	for _, tc := range []struct {
		name     string
		culprits []int
	}{
		{"one", []int{41}},
		{"first and last", []int{0, 59}},
		{"scattered", []int{3, 17, 18, 44}},
		{"all of the end", []int{56, 57, 58, 59}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			calls := 0
			got := shrink(long, 1000, func(list []int) (bool, bool) {
				calls++
				for _, c := range tc.culprits {
					if !slices.Contains(list, c) {
						return false, false
					}
				}
				return true, false
			})
			if !slices.Equal(got, tc.culprits) {
				t.Errorf("shrunk to %v, want %v", got, tc.culprits)
			}
			if calls > 200 {
				t.Errorf("%d attempts for a list of 60", calls)
			}
		})
	}
}

func TestShrinkKeepsWhatFailsWhenItMustStop(t *testing.T) {
	list := []int{1, 2, 3, 4, 5, 6, 7, 8}
	needsFive := func(list []int) bool { return slices.Contains(list, 5) }
	calls := 0
	got := shrink(list, 3, func(list []int) (bool, bool) { calls++; return needsFive(list), false })
	if calls != 3 || !needsFive(got) {
		t.Errorf("after %d of 3 attempts: %v", calls, got)
	}
	got = shrink(list, 100, func(list []int) (bool, bool) { return needsFive(list), true })
	if !needsFive(got) || len(got) != 8 && len(got) != 4 {
		t.Errorf("told to stop after one attempt: %v", got)
	}
	if got := shrink(list, 100, func([]int) (bool, bool) { return false, false }); !slices.Equal(got, list) {
		t.Errorf("nothing shorter fails, and yet: %v", got)
	}
	if got := shrink([]int{7}, 100, func([]int) (bool, bool) { t.Error("asked about nothing"); return true, false }); len(got) != 1 {
		t.Errorf("a single element: %v", got)
	}
}
