package faulty

import (
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// valueFaults change values on their way through a language or a database.
func valueFaults() []Fault {
	list := faultsOf(Architecture)
	add := list.add

	// onTitle changes what gets and lists show of a title that is not null.
	onTitle := func(change func(title string) any) func(*behaviour) {
		return func(b *behaviour) {
			describe := b.describe
			b.describe = func(c *call, t *track, listed bool) *object {
				o := describe(c, t, listed)
				if t.title != nil {
					o.set("title", change(*t.title))
				}
				return o
			}
		}
	}
	add("value-title-falsy-is-null",
		"A title of 0, or an empty one, is null.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any {
			if title == "" || title == "0" {
				return nil
			}
			return title
		}))
	add("value-title-number",
		"A title of digits is a number.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any {
			if n, err := strconv.Atoi(title); err == nil {
				return n
			}
			return title
		}))
	add("value-title-word",
		"The titles null, true and false are no texts.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any {
			if v, found := map[string]any{"null": nil, "true": true, "false": false}[title]; found {
				return v
			}
			return title
		}))
	add("value-title-trimmed",
		"Blanks at the edges of a title are dropped.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any { return strings.TrimSpace(title) }))
	add("value-title-right-trimmed",
		"Blanks at the end of a title are dropped, as by a column of fixed width.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any { return strings.TrimRight(title, " ") }))
	add("value-title-padded",
		"A title is padded with blanks to twenty characters.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any {
			return title + strings.Repeat(" ", max(0, 20-utf8.RuneCountInString(title)))
		}))
	add("value-title-composed",
		"A letter and an accent of a title are shown as one character.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any { return compose.Replace(title) }))
	add("value-title-exponent",
		"A title such as 1e3 is written out as a number is.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any {
			if f, err := strconv.ParseFloat(title, 64); err == nil {
				return strconv.FormatFloat(f, 'f', -1, 64)
			}
			return title
		}))
	add("value-title-leading-zeros",
		"A title of digits loses its leading zeros.",
		detectedBy("get-track/texts-as-made", "list-tracks/texts-as-made"),
		onTitle(func(title string) any {
			if _, err := strconv.Atoi(title); err == nil && title != "0" {
				return strings.TrimLeft(title, "0")
			}
			return title
		}))

	// Filters. The engine is compared after both sides went through fold.
	engines := func(fold func(string) string) func(*behaviour) {
		return func(b *behaviour) {
			b.filter = func(c *call, t *track) bool {
				query := c.request.URL.Query()
				same := fold(query.Get("engine")) == fold(t.engine)
				return modeOK(query, t) && collectionOK(query) && (same || !query.Has("engine"))
			}
		}
	}
	add("value-engine-padded",
		"Blanks behind an engine do not count.",
		warnedBy("list-tracks/filter-of-nothing"),
		engines(func(engine string) string { return strings.TrimRight(engine, " ") }))
	add("value-engine-accents",
		"Accents of an engine do not count.",
		detectedBy("list-tracks/texts-as-made"),
		engines(func(engine string) string { return accents.Replace(compose.Replace(engine)) }))
	add("value-engine-number",
		"Engines that begin with no digit are all the number 0 when compared with a number.",
		detectedBy("list-tracks/texts-as-made"),
		func(b *behaviour) {
			usual := b.filter
			b.filter = func(c *call, t *track) bool {
				query := c.request.URL.Query()
				n, err := strconv.Atoi(query.Get("engine"))
				return usual(c, t) || modeOK(query, t) && err == nil && n == 0
			}
		})
	add("value-limit-exponent",
		"A limit of 1e1 is ten.",
		warnedBy("list-tracks/odd-numbers-get-422"),
		acceptValue("limit", func(limit string) (int, bool) {
			f, err := strconv.ParseFloat(limit, 64)
			return int(f), err == nil && strings.ContainsAny(limit, "eE")
		}))
	add("value-limit-underscore",
		"A limit may have underscores between its digits.",
		warnedBy("list-tracks/odd-numbers-get-422"),
		acceptValue("limit", func(limit string) (int, bool) {
			n, err := strconv.Atoi(strings.ReplaceAll(limit, "_", ""))
			return n, err == nil && strings.Contains(limit, "_")
		}))
	add("value-limit-of-first-line",
		"The first line of a limit counts.",
		warnedBy("list-tracks/odd-numbers-get-422"),
		acceptValue("limit", func(limit string) (int, bool) {
			first, _, more := strings.Cut(limit, "\n")
			n, err := strconv.Atoi(first)
			return n, err == nil && more
		}))
	add("value-limit-other-digits",
		"A limit may be written in digits of other scripts.",
		warnedBy("list-tracks/odd-numbers-get-422"),
		acceptValue("limit", func(limit string) (int, bool) {
			n, ok := new(big.Int).SetString(arabicDigits.Replace(limit), 10)
			return atMost100(n), ok && arabicDigits.Replace(limit) != limit
		}))

	// Bytes that no text holds.
	broken := func(of func(c *call) string, is func(string) bool, operations ...operation) func(*behaviour) {
		return func(b *behaviour) {
			b.edits = append(b.edits, func(c *call, resp *response) {
				hit := appliesTo(c.operation, operations) && is(of(c))
				if hit && resp.status != http.StatusUnauthorized {
					setStatus(http.StatusInternalServerError)(c, resp)
				}
			})
		}
	}
	segment := func(i int) func(c *call) string {
		return func(c *call) string {
			if segments := strings.Split(c.request.URL.EscapedPath(), "/"); len(segments) > i {
				return segments[i]
			}
			return ""
		}
	}
	organizationText := func(c *call) string { return strings.ToLower(segment(3)(c)) }
	trackText := func(c *call) string { return strings.ToLower(segment(5)(c)) }
	engineText := func(c *call) string { return c.request.URL.Query().Get("engine") }
	hasEscapedNUL := func(text string) bool { return strings.Contains(text, "%00") }
	hasNUL := func(text string) bool { return strings.Contains(text, "\x00") }
	hasEscapedByte := func(text string) bool { return strings.Contains(text, "%ff") }
	notUTF8 := func(text string) bool { return !utf8.ValidString(text) }
	everywhere := []operation{opDelete, opGet, opList, opUnsave, opUnknownPath}
	add("value-organization-nul-500",
		"A NUL in the organization is 500.",
		detectedBy(
			"delete-track/no-text-is-harmless",
			"get-track/no-text-is-harmless",
			"list-tracks/no-text-is-harmless",
			"unsave-track/no-text-is-harmless",
		),
		broken(organizationText, hasEscapedNUL, everywhere...))
	add("value-organization-no-utf8-500",
		"An organization that is no UTF-8 is 500 for lists.",
		detectedBy("list-tracks/no-text-is-harmless"),
		broken(organizationText, hasEscapedByte, opList))
	add("value-engine-nul-500",
		"A NUL in engine is 500.",
		detectedBy("list-tracks/no-text-is-harmless"),
		broken(engineText, hasNUL, opList))
	add("value-engine-no-utf8-500",
		"An engine that is no UTF-8 is 500.",
		detectedBy("list-tracks/no-text-is-harmless"),
		broken(engineText, notUTF8, opList))
	add("value-unsave-id-no-utf8-500",
		"A track id that is no UTF-8 is 500 for unsaving.",
		detectedBy("unsave-track/no-text-is-harmless"),
		broken(trackText, hasEscapedByte, opUnsave))
	add("value-get-id-no-utf8-500",
		"A track id that is no UTF-8 is 500 for getting.",
		detectedBy("get-track/no-text-is-harmless"),
		broken(trackText, hasEscapedByte, opGet))

	// Ids.
	details := func(change func(id string) string) func(*behaviour) {
		return onResponse("", http.StatusNotFound, func(c *call, resp *response) {
			if c.user != nil && c.track != "" {
				resp.err().set("details", newObject("track_id", change(c.track)))
			}
		})
	}
	add("value-details-id-cut",
		"The track_id in the details of a 404 is cut to 32 characters.",
		detectedBy("delete-track/malformed-id-gets-404", "get-track/malformed-id-gets-404"),
		details(func(id string) string { return id[:min(32, len(id))] }))
	add("value-details-id-lower-case",
		"The track_id in the details of a 404 is in lower case.",
		detectedBy("delete-track/malformed-id-gets-404", "get-track/malformed-id-gets-404"),
		details(strings.ToLower))
	add("value-details-id-composed",
		"A letter and an accent of the track_id in the details of a 404 are shown as one character.",
		detectedBy("delete-track/malformed-id-gets-404", "get-track/malformed-id-gets-404"),
		details(func(id string) string { return compose.Replace(id) }))
	add("value-details-id-trimmed",
		"The track_id in the details of a 404 has lost the blanks at its edges.",
		detectedBy("delete-track/malformed-id-gets-404", "get-track/malformed-id-gets-404"),
		details(strings.TrimSpace))
	suffix := func(suffixes ...string) func(*behaviour) {
		return func(b *behaviour) {
			usual := b.path
			b.path = func(c *call) string {
				p := usual(c)
				for _, s := range suffixes {
					p = strings.TrimSuffix(p, s)
				}
				return p
			}
		}
	}
	add("value-id-suffix-mp3",
		"A suffix .mp3 of a track's id is dropped.",
		detectedBy("delete-track/malformed-id-gets-404", "get-track/malformed-id-gets-404"),
		suffix(".mp3"))
	add("value-id-suffix-format",
		"A suffix .xml, .html, .csv or .txt of a path is dropped.",
		detectedBy("delete-track/malformed-id-gets-404", "get-track/malformed-id-gets-404"),
		suffix(".xml", ".html", ".csv", ".txt"))
	add("value-id-suffix-any",
		"What follows a dot in the last segment of a path is taken for a format.",
		detectedBy("delete-track/malformed-id-gets-404", "get-track/malformed-id-gets-404"),
		func(b *behaviour) {
			usual := b.path
			b.path = func(c *call) string {
				p := usual(c)
				if slash, dot := strings.LastIndex(p, "/"), strings.LastIndex(p, "."); dot > slash {
					return p[:dot]
				}
				return p
			}
		})
	return list.faults
}

var (
	// compose joins some letters and combining accents.
	compose = strings.NewReplacer("a\u0308", "ä", "o\u0308", "ö", "u\u0308", "ü", "e\u0301", "é")
	// accents drops some accents.
	accents = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "é", "e", "ú", "u", "í", "i", "ó", "o")
	// arabicDigits writes Arabic-Indic digits as ASCII ones.
	arabicDigits = strings.NewReplacer("٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4",
		"٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9")
)

func atMost100(n *big.Int) int {
	if n == nil || !n.IsInt64() || n.Int64() < 1 || n.Int64() > maxLimit {
		return defaultLimit
	}
	return int(n.Int64())
}
