package explore

// shrink makes a failing list shorter by leaving parts of it out, as long as what remains still
// fails (delta debugging, Zeller's ddmin). It asks fails at most attempts times and returns the
// shortest failing list that it found: at best one from which no single element can be left out, at
// worst the list it was given. fails must not keep or change its argument; once it reports stop,
// nothing more is tried.
func shrink[T any](list []T, attempts int, fails func([]T) (failed, stop bool)) []T {
	chunks := 2
	for len(list) > 1 && chunks <= len(list) {
		shorter := false
		for chunk := 0; chunk < chunks; chunk++ {
			if attempts == 0 {
				return list
			}
			attempts--
			// Later elements first: what comes after the cause of a failure is the likeliest not to
			// matter.
			low, high := part(len(list), chunks, chunks-1-chunk)
			rest := make([]T, 0, len(list))
			rest = append(append(rest, list[:low]...), list[high:]...)
			failed, stop := fails(rest)
			if failed {
				list, shorter = rest, true
				chunks = max(chunks-1, 2)
			}
			if stop {
				return list
			}
			if failed {
				break
			}
		}
		if !shorter {
			if chunks == len(list) {
				break
			}
			chunks = min(2*chunks, len(list))
		}
	}
	return list
}

// part returns the bounds of one of n nearly equal parts of a list.
func part(length, n, i int) (low, high int) { return i * length / n, (i + 1) * length / n }
