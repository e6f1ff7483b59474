# Reads `go test -v ./...` and prints what a person wants of it: one line a package, whatever a failing test said, and at
# the end every skipped test with its reason, so that nothing is skipped in silence.

# Parallel tests take turns; these lines tell whose words follow.
/^=== (RUN|CONT|NAME) / { current = $3; verbatim = 0; next }
/^=== PAUSE / { next }

/^ *--- FAIL: / {
	printf "%s", said[$3]
	print
	delete said[$3]
	failed++; failedHere++
	next
}
/^ *--- SKIP: / {
	reason = said[$3]
	gsub(/\n[ \t]*/, " ", reason)
	gsub(/^[ \t]+|[ \t]+$/, "", reason)
	if (reason ~ /run without -short$/) { slow++; next } # left out on purpose
	skipped[++skips] = $3 (reason == "" ? "" : " " reason)
	next
}
/^ *--- PASS: / { passed++; delete said[$3]; next }

# A package is over. One that failed without a failing test crashed, timed out or did not build: show all that is left.
/^(ok|FAIL|\?)[ \t]+[^ \t]/ {
	if ($1 == "FAIL" && !failedHere) {
		for (name in said) printf "%s", said[name]
		broken++
	}
	if ($1 != "?") { print; fflush() } # a line as soon as it is known, also into a file
	split("", said)
	current = ""; failedHere = 0; verbatim = 0
	next
}
/^(PASS|FAIL)$/ { next }

# The compiler's and vet's words, and a crash with its goroutines, belong to no test.
/^(# |panic: |fatal error: )/ { verbatim = 1 }

verbatim || current == "" { print; next }
{ said[current] = said[current] $0 "\n" }

END {
	printf "\n%d passed, %d failed, %d skipped", passed, failed, skips
	if (slow) printf ", %d left out by -short", slow
	if (broken) printf ", %d packages did not build or did not end", broken
	print ""
	for (i = 1; i <= skips; i++) printf "  SKIPPED %s\n", skipped[i]
}
