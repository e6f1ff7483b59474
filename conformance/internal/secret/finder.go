// Package secret finds keys in texts, in whatever form a target or a provisioner may have written
// them: in other case, escaped as in URLs, JSON, HTML or a shell, in hexadecimal, in base64 with
// something before or behind them, or in several of these at once.
//
// Packages evidence and provision call it, to leave keys out of what they show. It imports only the
// standard library.
package secret

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
	"sync"
)

// Shortest is the length in bytes of the shortest key that is looked for: to replace a shorter one
// would garble texts.
const Shortest = 4

// Finder knows keys, and what to show in place of each. The zero value knows none. Several
// goroutines may use it at once.
type Finder struct {
	mu      sync.RWMutex
	known   map[string]bool
	plain   index // without regard to case
	base64  index
	hex     index
	begins  map[string][]pattern // by their first bytes, for keys that were cut
	longest int
}

// begun is how much of a key has to be there for one that was cut, in bytes.
const begun = 8

// pattern is a form of a key.
type pattern struct {
	text  []byte
	shown string
	// Whether the characters of base64 on either side hold a part of the key too.
	before, behind bool
}

// index finds patterns by their last bytes, which differ where keys begin alike.
type index struct {
	patterns map[uint32][]pattern
	filter   []uint64 // bits, by hash: most bytes of a text end no pattern
}

const filterBits = 1 << 16

// filterBit is where the filter has a bit for the last bytes of a pattern.
func filterBit(last uint32) uint32 { return last * 2654435761 >> 16 }

func (x *index) add(p pattern) {
	if len(p.text) < Shortest {
		return
	}
	if x.patterns == nil {
		x.patterns, x.filter = map[uint32][]pattern{}, make([]uint64, filterBits/64)
	}
	last := binary.BigEndian.Uint32(p.text[len(p.text)-Shortest:])
	x.patterns[last] = append(x.patterns[last], p)
	x.filter[filterBit(last)/64] |= 1 << (filterBit(last) % 64)
}

// Add makes a key known, and what is shown in its place. The first of two for the same key stays.
func (f *Finder) Add(key, shown string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(key) < Shortest || f.known[key] {
		return
	}
	if f.known == nil {
		f.known, f.begins = map[string]bool{}, map[string][]pattern{}
	}
	f.known[key] = true
	f.longest = max(f.longest, len(key))
	folded := fold([]byte(key))
	f.plain.add(pattern{text: folded, shown: shown})
	if len(folded) > begun {
		first := string(folded[:begun])
		f.begins[first] = append(f.begins[first], pattern{text: folded, shown: shown})
	}
	for s := newStream(key).decoded(); s != nil; s = s.decoded() {
		f.plain.add(pattern{text: fold(s.text), shown: shown}) // a key that looks escaped itself
	}
	f.hex.add(pattern{text: []byte(hex.EncodeToString([]byte(key))), shown: shown})
	for offset := range 3 {
		// The characters that the key alone makes, whatever stands before and behind it.
		encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", offset) + key))
		first, last := (offset*8+5)/6, (offset+len(key))*8/6
		f.base64.add(pattern{
			text: []byte(encoded[first:last]), shown: shown,
			before: offset*8%6 != 0, behind: (offset+len(key))*8%6 != 0,
		})
	}
}

// span is a part of a text that shows a key.
type span struct {
	from, to int
	shown    string
}

// Replace returns the text with what is to be shown in the place of every key. A key that was cut,
// and ends in "…", counts as one.
func (f *Finder) Replace(text string) string {
	f.mu.RLock()
	defer f.mu.RUnlock()
	if len(f.known) == 0 || len(text) < Shortest {
		return text
	}
	spans := f.cut(text)
	for s := newStream(text); s != nil; s = s.decoded() {
		spans = f.plain.find(s.folded(), spans)
		spans = f.base64.find(s.standard(), spans)
		spans = f.hex.find(s.digits(), spans)
	}
	if spans == nil {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(b.to, a.to)) })
	var b strings.Builder
	end := 0
	for _, s := range spans {
		if s.from >= end {
			b.WriteString(text[end:s.from])
			b.WriteString(s.shown)
		}
		end = max(end, s.to)
	}
	b.WriteString(text[end:])
	return b.String()
}

// find appends the spans of the patterns that a stream holds.
func (x *index) find(s *stream, spans []span) []span {
	if len(x.patterns) == 0 {
		return spans
	}
	var last uint32
	for i, c := range s.text {
		last = last<<8 | uint32(c)
		if bit := filterBit(last); i+1 < Shortest || x.filter[bit/64]&(1<<(bit%64)) == 0 {
			continue
		}
		end := i + 1
		for _, p := range x.patterns[last] {
			if !bytes.HasSuffix(s.text[:end], p.text) {
				continue
			}
			first, last := end-len(p.text), end-1
			if p.before && first > 0 && isBase64(s.text[first-1]) {
				first--
			}
			if p.behind && last+1 < len(s.text) && isBase64(s.text[last+1]) {
				last++
			}
			spans = append(spans, span{s.from[first], s.to[last], p.shown})
		}
	}
	return spans
}

// cut finds the beginnings of keys that stand before an ellipsis.
func (f *Finder) cut(text string) []span {
	const ellipsis = "…"
	var spans []span
	for at := 0; ; {
		next := strings.Index(text[at:], ellipsis)
		if next < 0 {
			return spans
		}
		at += next
		before := fold([]byte(text[max(0, at-f.longest):at]))
		for i := 0; i+begun <= len(before); i++ {
			for _, p := range f.begins[string(before[i:i+begun])] {
				if bytes.HasPrefix(p.text, before[i:]) {
					spans = append(spans, span{at - len(before) + i, at, p.shown})
				}
			}
		}
		at += len(ellipsis)
	}
}
