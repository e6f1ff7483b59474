package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/seed-5ec2a705/mtrack/cmd/internal/command"
	"github.com/seed-5ec2a705/mtrack/impl/record"
	"github.com/seed-5ec2a705/mtrack/impl/track"
)

// keyCommand looks after keys.
func keyCommand() command.Command {
	return command.Command{
		Name: "key", Summary: "create, list or revoke keys",
		Commands: []command.Command{keyCreateCommand(), keyListCommand(), keyRevokeCommand()},
	}
}

const keyCreateAbout = `Create a key for a user and write it to standard output. It cannot be shown again, since only its
hash is stored. It works at once, in every organization that the user belongs to.`

func keyCreateCommand() command.Command {
	return command.Command{
		Name: "create", Summary: "create a key for a user", About: keyCreateAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			url := registryFlag(flags)
			user := flags.String("user", "", "`ID` of the user; needed")
			label := flags.String("label", "", "`TEXT` to recognize the key by")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				if *user == "" {
					return command.Misused("--user is needed: whose key it will be")
				}
				return withRegistry(ctx, env, url, func(registry record.Registry) error {
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
					return writeAll(env.Stdout, key.Reveal()+"\n")
				})
			}
		},
	}
}

const keyListAbout = `List the keys of a user, oldest first, revoked ones included. Their hashes are shown, since only
those are stored. A key is shown as revoked when no organization accepts it any more; where "key
revoke" was interrupted it says "unfinished", and the key may still work.`

func keyListCommand() command.Command {
	return command.Command{
		Name: "list", Summary: "list the keys of a user", About: keyListAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			url := registryFlag(flags)
			user := flags.String("user", "", "`ID` of the user; needed")
			asJSON := flags.Bool("json", false, "write JSON")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				if *user == "" {
					return command.Misused("--user is needed: whose keys to list")
				}
				return withRegistry(ctx, env, url, func(registry record.Registry) error {
					keys, err := registry.Keys(ctx, track.UserID(*user))
					if track.CodeOf(err) == track.NotFound {
						return unknownUser(*user)
					}
					if err != nil {
						return err
					}
					if *asJSON {
						return writeKeysJSON(env.Stdout, keys)
					}
					return writeKeys(env.Stdout, keys)
				})
			}
		},
	}
}

func unknownUser(user string) error {
	return fmt.Errorf("there is no user %q; users come into being by import", user)
}

func writeKeys(w io.Writer, keys []record.KeyInfo) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SHA-256\tCREATED\tREVOKED\tLABEL")
	for _, k := range keys {
		created, revoked := "unknown", "no"
		if k.Revoking {
			revoked = "unfinished: revoke it again"
		}
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

func writeKeysJSON(w io.Writer, keys []record.KeyInfo) error {
	records := make([]record.Key, len(keys))
	for i, k := range keys {
		records[i] = record.Key{SHA256: k.Hash.String(), Label: k.Label, CreatedAt: k.CreatedAt, RevokedAt: k.RevokedAt}
	}
	return writeJSON(w, map[string]any{"keys": records})
}

const keyRevokeAbout = `Revoke a key: once this command has returned, no request with it succeeds on any server. A revoked
key stays revoked. Revoking it again does nothing, but finishes what was interrupted.`

func keyRevokeCommand() command.Command {
	return command.Command{
		Name: "revoke", Summary: "revoke a key", About: keyRevokeAbout,
		Prepare: func(flags *command.FlagSet) command.Action {
			url := registryFlag(flags)
			digest := flags.String("sha256", "", "`HASH` of the key, as key list shows it")
			fromStdin := flags.Bool("key-stdin", false, "read the key itself from standard input")
			return func(ctx context.Context, env command.Environment, _ []string) error {
				if (*digest == "") == !*fromStdin {
					return command.Misused("want either --sha256 HASH or --key-stdin: which key to revoke")
				}
				hash, err := track.ParseKeyHash(*digest)
				if *fromStdin {
					hash, err = readKey(env.Stdin)
				} else if err != nil {
					err = command.Misused("--sha256: want 64 hexadecimal digits")
				}
				if err != nil {
					return err
				}
				return withRegistry(ctx, env, url, func(registry record.Registry) error {
					err := registry.RevokeKey(ctx, hash)
					if track.CodeOf(err) == track.NotFound {
						return fmt.Errorf("there is no key with the hash %s; \"mtrackd key list --user ID\" shows a user's", hash)
					}
					if err != nil {
						return err
					}
					return writeAll(env.Stdout, "revoked "+hash.String()+"\n")
				})
			}
		},
	}
}

// readKey reads a key, with or without the end of its line.
func readKey(r io.Reader) (track.KeyHash, error) {
	text, err := io.ReadAll(io.LimitReader(r, 64<<10))
	if err != nil {
		return track.KeyHash{}, fmt.Errorf("--key-stdin: cannot read standard input: %w", err)
	}
	secret := strings.TrimRight(string(text), "\r\n")
	if secret == "" {
		return track.KeyHash{}, command.Misused("--key-stdin: standard input holds no key")
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
