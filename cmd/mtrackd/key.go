package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// keyCommands are what can be done with keys.
func keyCommands() []command {
	return []command{
		{"create", "mint a key for a user", runKeyCreate},
		{"list", "list the keys of a user", runKeyList},
		{"revoke", "end a key", runKeyRevoke},
	}
}

// runKey carries out one of the key commands.
func runKey(ctx context.Context, env environment, args []string) int {
	var help strings.Builder
	help.WriteString("Usage: mtrackd key COMMAND [FLAG…]\n\nCommands:\n")
	table := tabwriter.NewWriter(&help, 0, 0, 3, ' ', 0)
	for _, c := range keyCommands() {
		if len(args) > 0 && c.name == args[0] {
			return c.run(ctx, env, args[1:])
		}
		fmt.Fprintf(table, "  %s\t%s\n", c.name, c.summary)
	}
	table.Flush() // to a strings.Builder: never fails
	help.WriteString("\n\"mtrackd key COMMAND --help\" tells a command's flags.\n")
	if len(args) == 0 {
		io.WriteString(env.stderr, help.String())
		return exitUsage
	}
	switch args[0] {
	case "help", "--help", "-help", "-h":
		io.WriteString(env.stdout, help.String())
		return exitOK
	}
	fmt.Fprintf(env.stderr, "mtrackd key: no command %q; \"mtrackd key help\" lists them\n", args[0])
	return exitUsage
}

const keyCreateAbout = `Mint a key for a user and write it to standard output. It is shown this once: only its hash is kept. It works at once,
in every organization that the user belongs to.`

func runKeyCreate(ctx context.Context, env environment, args []string) int {
	flags := newFlagSet(env, "key create", "", keyCreateAbout)
	url := registryFlag(flags)
	user := flags.String("user", "", "`ID` of the user; needed")
	label := flags.String("label", "", "`TEXT` to recognize the key by")
	if _, status, done := flags.parse(args); done {
		return status
	}
	if *user == "" {
		return flags.refuse("--user is needed: whose key it will be")
	}
	return withRegistry(ctx, flags, *url, func(ctx context.Context, registry track.Registry) error {
		key, err := registry.CreateKey(ctx, track.UserID(*user), *label)
		switch track.CodeOf(err) {
		case track.NotFound:
			return unknownUser(*user)
		case track.InvalidArgument:
			return fmt.Errorf("--label: want at most %d bytes of text, without control characters", track.MaxTextBytes)
		}
		if err != nil {
			return err
		}
		return writeAll(env.stdout, key.Reveal()+"\n")
	})
}

const keyListAbout = `List the keys of a user, revoked ones included, oldest first: their hashes, for nobody knows the keys.`

func runKeyList(ctx context.Context, env environment, args []string) int {
	flags := newFlagSet(env, "key list", "", keyListAbout)
	url := registryFlag(flags)
	user := flags.String("user", "", "`ID` of the user; needed")
	asJSON := flags.Bool("json", false, "write JSON")
	if _, status, done := flags.parse(args); done {
		return status
	}
	if *user == "" {
		return flags.refuse("--user is needed: whose keys to list")
	}
	return withRegistry(ctx, flags, *url, func(ctx context.Context, registry track.Registry) error {
		keys, err := registry.Keys(ctx, track.UserID(*user))
		if track.CodeOf(err) == track.NotFound {
			return unknownUser(*user)
		}
		if err != nil {
			return err
		}
		if *asJSON {
			return writeKeysJSON(env.stdout, keys)
		}
		return writeKeys(env.stdout, keys)
	})
}

func unknownUser(user string) error {
	return fmt.Errorf("there is no user %q; users come into being by import", user)
}

func writeKeys(w io.Writer, keys []track.KeyInfo) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SHA-256\tCREATED\tREVOKED\tLABEL")
	for _, k := range keys {
		created, revoked := "unknown", "no"
		if !k.CreatedAt.IsZero() {
			created = k.CreatedAt.Format(time.RFC3339)
		}
		if k.RevokedAt != nil {
			revoked = k.RevokedAt.Format(time.RFC3339)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", k.Hash, created, revoked, k.Label)
	}
	table.Flush() // to a strings.Builder: never fails
	return writeAll(w, b.String())
}

func writeKeysJSON(w io.Writer, keys []track.KeyInfo) error {
	records := make([]track.KeyRecord, len(keys))
	for i, k := range keys {
		records[i] = track.KeyRecord{SHA256: k.Hash.String(), Label: k.Label, CreatedAt: k.CreatedAt, RevokedAt: k.RevokedAt}
	}
	return writeJSON(w, map[string]any{"keys": records})
}

const keyRevokeAbout = `End a key: when this command returns, no request with it succeeds any more, on any server. A revoked key cannot be
brought back. Revoking a revoked key does nothing.`

func runKeyRevoke(ctx context.Context, env environment, args []string) int {
	flags := newFlagSet(env, "key revoke", "", keyRevokeAbout)
	url := registryFlag(flags)
	digest := flags.String("sha256", "", "`HASH` of the key, as key list shows it")
	fromStdin := flags.Bool("key-stdin", false, "read the key itself from standard input")
	if _, status, done := flags.parse(args); done {
		return status
	}
	if (*digest == "") == !*fromStdin {
		return flags.refuse("want either --sha256 HASH or --key-stdin: which key to revoke")
	}
	hash, err := track.ParseKeyHash(*digest)
	if *fromStdin {
		hash, err = readKey(env.stdin)
	} else if err != nil {
		err = fmt.Errorf("--sha256: want 64 hexadecimal digits")
	}
	if err != nil {
		return flags.refuse(err.Error())
	}
	return withRegistry(ctx, flags, *url, func(ctx context.Context, registry track.Registry) error {
		err := registry.RevokeKey(ctx, hash)
		if track.CodeOf(err) == track.NotFound {
			return fmt.Errorf("there is no key with the hash %s; \"mtrackd key list --user ID\" shows a user's", hash)
		}
		if err != nil {
			return err
		}
		return writeAll(env.stdout, "revoked "+hash.String()+"\n")
	})
}

// readKey reads a key, with or without the end of its line.
func readKey(r io.Reader) (track.KeyHash, error) {
	text, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return track.KeyHash{}, fmt.Errorf("--key-stdin: %w", err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return track.KeyHash{}, fmt.Errorf("--key-stdin: standard input holds no key")
	}
	return track.NewKey(secret).Hash(), nil
}

func writeJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("cannot write the output: %w", err)
	}
	return nil
}
